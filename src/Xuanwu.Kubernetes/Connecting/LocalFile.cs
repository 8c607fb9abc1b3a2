using System.Text;

namespace Xuanwu.Kubernetes;

/// <summary>Small text files of this machine: kubeconfigs, tokens, certificates.</summary>
internal static class LocalFile
{
    private const int MaxBytes = 4 << 20;

    /// <exception cref="ConnectionError">It cannot be read; the message says for whom it was wanted.</exception>
    public static string Read(string path, string wantedBy)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes) throw new ConnectionError($"{wantedBy}: the file {path} is over 4 MB.");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var isAbsent = e is FileNotFoundException or DirectoryNotFoundException;
            var why = isAbsent ? "does not exist" : $"cannot be read ({e.Message})";
            throw new ConnectionError($"{wantedBy}: the file {path} {why}.", e);
        }
    }
}

/// <summary>A text given as it is, or the file that holds it now.</summary>
internal sealed record TextOrFile(string? Text, string? File)
{
    public string Read(string wantedBy) => Text ?? LocalFile.Read(File!, wantedBy);

    public override string ToString() => File is null ? "given" : $"from {File}";
}
