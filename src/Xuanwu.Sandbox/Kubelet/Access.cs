using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>
/// What a service account may do by the Roles that are bound to it. Answers are kept until a role or binding changes.
/// </summary>
internal sealed class Access
{
    private readonly ObjectStore _store;
    private ConcurrentDictionary<(string, string, string, string, string), bool> _known = new();

    public Access(ObjectStore store)
    {
        _store = store;
        store.Observe(change =>
        {
            // A new dictionary: an answer that is being worked out from the old rules must not outlive them.
            if (change.Object.Kind == Kinds.Role || change.Object.Kind == Kinds.RoleBinding)
            {
                Volatile.Write(ref _known, new());
            }
        });
    }

    public bool Allows(string ns, string account, string verb, string group, string resource) =>
        Volatile.Read(ref _known).GetOrAdd(
        (ns, account, verb, group, resource),
        _ => _store.List(Kinds.RoleBinding, ns).Select(it => it.View(Binding.Of))
            .Where(it => it.Accounts.Contains((ns, account)))
            .Select(it => _store.Find(Kinds.Role, ns, it.Role))
            .OfType<Stored>()
            .Any(role => role.Parse().Items("rules").Any(it => Covers(it, verb, group, resource))));

    private static bool Covers(JsonObject rule, string verb, string group, string resource) =>
        Has(rule, "verbs", verb) && Has(rule, "apiGroups", group) && Has(rule, "resources", resource)
        && !rule.Texts("resourceNames").Any();

    private static bool Has(JsonObject rule, string field, string wanted) =>
        rule.Texts(field).Any(it => it == wanted || it == "*");

    private sealed record Binding(string Role, HashSet<(string Namespace, string Name)> Accounts)
    {
        public static Binding Of(JsonObject o) => new(
            o.Child("roleRef").Text("kind") == "Role" ? o.Child("roleRef").Text("name") ?? "" : "",
            [.. o.Items("subjects").Where(it => it.Text("kind") == "ServiceAccount").Select(it =>
                (it.Text("namespace") ?? o.Metadata().Text("namespace") ?? "", it.Text("name") ?? ""))]);
    }
}
