using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Xuanwu.GraphQL.Types;

// Descriptions from the compiler's XML documentation file beside the assembly; without the file there are none.
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    public static string? Of(Type type) => Text(Find(type.Assembly, "T:" + TypeId(type))?.Element("summary"));

    /// <summary>A property's summary, or the text for it among the parameters of its positional record.</summary>
    public static string? Of(PropertyInfo property)
    {
        var owner = property.DeclaringType!;
        return Text(Find(owner.Assembly, $"P:{TypeId(owner)}.{property.Name}")?.Element("summary"))
            ?? Parameter(Find(owner.Assembly, "T:" + TypeId(owner)), property.Name);
    }

    public static string? Of(FieldInfo field) =>
        Text(Find(field.DeclaringType!.Assembly, $"F:{TypeId(field.DeclaringType)}.{field.Name}")?.Element("summary"));

    public static string? Of(MethodInfo method) => Text(Member(method)?.Element("summary"));

    public static string? Of(ParameterInfo parameter) => parameter.Member switch
    {
        MethodInfo method => Parameter(Member(method), parameter.Name!),
        ConstructorInfo { DeclaringType: { } owner } =>
            Parameter(Find(owner.Assembly, "T:" + TypeId(owner)), parameter.Name!),
        _ => null,
    };

    private static XElement? Member(MethodInfo method)
    {
        // Overloads cannot be fields of one name, so the name without the parameters' types is enough.
        var prefix = $"M:{TypeId(method.DeclaringType!)}.{method.Name}";
        var members = Load(method.DeclaringType!.Assembly);
        return members.GetValueOrDefault(prefix)
            ?? members.FirstOrDefault(it => it.Key.StartsWith(prefix + "(", StringComparison.Ordinal)).Value
            ?? members.FirstOrDefault(it => it.Key.StartsWith(prefix + "``", StringComparison.Ordinal)).Value;
    }

    private static string? Parameter(XElement? member, string name) =>
        Text(member?.Elements("param").FirstOrDefault(it => it.Attribute("name")?.Value == name));

    private static XElement? Find(Assembly assembly, string id) => Load(assembly).GetValueOrDefault(id);

    private static Dictionary<string, XElement> Load(Assembly assembly) => Files.GetOrAdd(assembly, static it =>
    {
        var file = it.Location.Length == 0 ? "" : Path.ChangeExtension(it.Location, ".xml");
        if (!File.Exists(file)) return [];
        return XDocument.Load(file).Descendants("member")
            .GroupBy(member => member.Attribute("name")?.Value ?? "")
            .ToDictionary(group => group.Key, group => group.First());
    });

    private static string TypeId(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null) return null;
        var text = string.Concat(element.Nodes().Select(Render));
        text = Spaces().Replace(text, " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Render(XNode node) => node switch
    {
        XText it => it.Value,
        XElement it when it.Name == "see" || it.Name == "paramref" =>
            (it.Attribute("langword") ?? it.Attribute("name") ?? it.Attribute("cref") ?? it.Attribute("href"))?.Value
                .Split('.', ':')[^1] ?? "",
        XElement it when it.Name == "c" => $"`{it.Value}`",
        XElement it => string.Concat(it.Nodes().Select(Render)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
