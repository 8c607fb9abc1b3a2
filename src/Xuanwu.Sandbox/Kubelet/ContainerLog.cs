using System.Globalization;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>A container's standard output: the last lines, bounded in number and size.</summary>
internal sealed class ContainerLog
{
    private const int MaxLines = 5_000;
    private const int MaxCharacters = 1 << 20;
    private readonly Queue<Line> _lines = new();
    private long _written;
    private int _characters;
    private bool _closed;
    private TaskCompletionSource? _more;

    public void Write(string text)
    {
        lock (_lines)
        {
            if (_closed) return;
            foreach (var line in text.Split('\n'))
            {
                _lines.Enqueue(new Line(DateTime.UtcNow, line.TrimEnd('\r')));
                _written++;
                _characters += line.Length;
            }

            while (_lines.Count > MaxLines || _characters > MaxCharacters) _characters -= _lines.Dequeue().Text.Length;
            Wake();
        }
    }

    /// <summary>No more will come.</summary>
    public void Close()
    {
        lock (_lines)
        {
            _closed = true;
            Wake();
        }
    }

    /// <summary>
    /// The lines after a number of them, where the next read goes on, and what to wait for; null when it has ended.
    /// </summary>
    public (IReadOnlyList<Line> Lines, long Next, Task? More) After(long seen)
    {
        lock (_lines)
        {
            var skip = (int)Math.Max(0, seen - (_written - _lines.Count));
            Line[] lines = [.. _lines.Skip(skip)];
            if (_closed) return (lines, _written, null);
            _more ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (lines, _written, _more.Task);
        }
    }

    private void Wake()
    {
        var more = _more;
        _more = null;
        more?.SetResult();
    }

    internal readonly record struct Line(DateTime At, string Text)
    {
        public string Stamped =>
            At.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture) + " " + Text;
    }
}
