using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain;

/// <summary>
/// Texts that people write. They are kept for ever and shown often, so none is endless; and none has a NUL character,
/// which PostgreSQL's jsonb cannot hold.
/// </summary>
public static class Texts
{
    /// <summary>Free text such as a note, in characters.</summary>
    public const int LongText = 10_000;

    /// <summary>An owner, a label, a path: something to be found by.</summary>
    public const int ShortText = 256;

    /// <summary>What is wrong with free text of at most so many characters; line breaks are fine in it.</summary>
    public static Rejection? Check(string code, string what, string text, string path, int most = LongText)
    {
        if (text.Length > most)
        {
            return Reject(code, $"The {what} has {text.Length:N0} characters; at most {most:N0} are kept.", path);
        }

        return text.Contains('\0') ? Reject(code, $"The {what} has a NUL character; remove it.", path) : null;
    }

    /// <summary>What is wrong with a text that has to be there, in one line.</summary>
    public static Rejection? CheckLine(string code, string what, string text, string path, int most = ShortText)
    {
        if (string.IsNullOrWhiteSpace(text)) return Reject(code, $"The {what} is empty; give one.", path);
        if (Check(code, what, text, path, most) is { } wrong) return wrong;
        return text.Any(char.IsControl)
            ? Reject(code, $"The {what} has a line break or control character; remove it.", path)
            : null;
    }
}
