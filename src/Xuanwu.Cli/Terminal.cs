using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Xuanwu.Cli;

/// <summary>
/// Where a command writes: results to the output, all else to the error output. Colours and progress are for terminals
/// only; a pipe gets plain text.
/// </summary>
public sealed class Terminal(TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>The output with colours, where it is a terminal.</summary>
    public IAnsiConsole Rows { get; } = Open(output, isTerminal: output == Console.Out && !Console.IsOutputRedirected);

    /// <summary>The error output with colours and progress, where it is a terminal.</summary>
    public IAnsiConsole Notes { get; } = Open(error, isTerminal: error == Console.Error && !Console.IsErrorRedirected);

    /// <summary>One line of JSON.</summary>
    public void Line(object value) => Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>Something that is wrong with the use of the command or with the world around it.</summary>
    public int Trouble(string sentence)
    {
        Error.WriteLine($"xuanwu: {sentence}");
        return ExitCode.Trouble;
    }

    private static IAnsiConsole Open(TextWriter writer, bool isTerminal) => AnsiConsole.Create(new()
    {
        Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        Out = new AnsiConsoleOutput(writer),
    });
}

/// <summary>What a pipeline learns from the command's end.</summary>
public static class ExitCode
{
    /// <summary>It went well.</summary>
    public const int Ok = 0;

    /// <summary>The SQL is wrong, or it failed.</summary>
    public const int Wrong = 1;

    /// <summary>It could not be tried: wrong arguments, no such file, no answer, cancelled, out of time.</summary>
    public const int Trouble = 2;
}
