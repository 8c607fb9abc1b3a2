using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Xuanwu.Sandbox.Faults;

/// <summary>Where a cluster can be hurt; implemented by the cluster.</summary>
internal interface IFaultTarget
{
    /// <summary>Names of the pods that an action touched.</summary>
    IReadOnlyList<string> OnPods(FaultAction action);

    void ExpireWatches();

    void Refuse(FaultScope scope, TimeSpan duration);
}

/// <summary>
/// How the sandbox misbehaves: rules for requests, and actions on pods, watches and listeners. The same over HTTP at
/// /sandbox/faults. Randomness comes from a seed, so that a test that failed can be made to fail again.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A CancellationTokenSource without a timer owns nothing.")]
public sealed class FaultBoard
{
    private readonly Lock _gate = new();
    private readonly List<Active> _rules = [];
    private readonly Random _random;
    private readonly IFaultTarget _target;
    private CancellationTokenSource _watches = new();
    private int _ids;

    internal FaultBoard(IFaultTarget target, int? seed)
    {
        _target = target;
        _random = seed is { } value ? new Random(value) : new Random();
    }

    /// <summary>The rules in force, with how often each has hit.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_gate) return [.. _rules.Where(it => !it.Ended).Select(it => it.Rule with { Hits = it.Hits })];
        }
    }

    /// <summary>Cancelled when open watches are to be cut.</summary>
    internal CancellationToken WatchesCut => Volatile.Read(ref _watches).Token;

    /// <summary>Puts a rule in force and answers it with its id.</summary>
    /// <exception cref="ArgumentException">A pattern is no regular expression, or a number is out of range.</exception>
    public FaultRule Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.Probability is < 0 or > 1 or double.NaN) throw new ArgumentException("probability is from 0 to 1");
        if (rule.Status is < 200 or > 599) throw new ArgumentException("status is from 200 to 599");
        if (rule.LatencyFromMs < 0 || rule.LatencyToMs < rule.LatencyFromMs)
        {
            throw new ArgumentException("latency is a range");
        }
        lock (_gate)
        {
            var active = new Active(rule with { Id = (++_ids).ToString(CultureInfo.InvariantCulture), Hits = 0 });
            _rules.Add(active);
            return active.Rule;
        }
    }

    /// <summary>Ends a rule; false when there is none of that id.</summary>
    public bool Remove(string id)
    {
        lock (_gate) return _rules.RemoveAll(it => it.Rule.Id == id) > 0;
    }

    /// <summary>Ends every rule, thaws and heals every pod.</summary>
    public void Clear()
    {
        lock (_gate) _rules.Clear();
        _target.OnPods(new FaultAction { Action = "thaw" });
        _target.OnPods(new FaultAction { Action = "heal" });
    }

    /// <summary>Does something to the cluster; answers the names of the pods it touched.</summary>
    /// <exception cref="ArgumentException">There is no such action.</exception>
    public IReadOnlyList<string> Do(FaultAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        switch (action.Action)
        {
            case "crash" or "delete" or "freeze" or "thaw" or "partition" or "heal":
                return _target.OnPods(action);
            case "dropWatches":
                Interlocked.Exchange(ref _watches, new CancellationTokenSource()).Cancel();
                return [];
            case "expireWatches":
                _target.ExpireWatches();
                return [];
            case "refuse" when action.Scope != FaultScope.PodProxy:
                _target.Refuse(action.Scope, TimeSpan.FromMilliseconds(action.DurationMs ?? 1000));
                return [];
            default:
                throw new ArgumentException($"unknown action \"{action.Action}\"");
        }
    }

    /// <summary>The rules that take this request: any latency, and the first other effect.</summary>
    internal (TimeSpan Latency, FaultRule? Effect) Take(FaultScope scope, HttpRequest request)
    {
        lock (_gate)
        {
            if (_rules.Count == 0) return default;
            _rules.RemoveAll(it => it.Ended);
            var latency = TimeSpan.Zero;
            foreach (var active in _rules)
            {
                var rule = active.Rule;
                if (rule.Scope != scope || !active.Fits(request) || _random.NextDouble() >= rule.Probability) continue;
                active.Hits++;
                if (rule.Effect != FaultEffect.Latency) return (latency, rule);
                latency += TimeSpan.FromMilliseconds(_random.Next(rule.LatencyFromMs, rule.LatencyToMs + 1));
            }

            return (latency, null);
        }
    }

    /// <summary>How much of an answer of a length comes through when it is cut midway.</summary>
    internal int CutAt(int length)
    {
        lock (_gate) return _random.Next(length);
    }

    private sealed class Active(FaultRule rule)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly Regex? _path = Pattern(rule.Path);
        private readonly Regex? _host = Pattern(rule.Host);

        public FaultRule Rule { get; } = rule;

        public int Hits { get; set; }

        public bool Ended => Hits >= (Rule.Count ?? int.MaxValue)
            || (Rule.DurationMs is { } lasts && Stopwatch.GetElapsedTime(_started).TotalMilliseconds >= lasts);

        public bool Fits(HttpRequest request) =>
            (Rule.Method is null || string.Equals(Rule.Method, request.Method, StringComparison.OrdinalIgnoreCase))
            && _path?.IsMatch(request.Path + request.QueryString) is not false
            && _host?.IsMatch(request.Host.Value ?? "") is not false;

        private static Regex? Pattern(string? text) =>
            text is null ? null : new Regex(text, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}
