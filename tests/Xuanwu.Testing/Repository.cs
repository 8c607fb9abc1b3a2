namespace Xuanwu.Testing;

/// <summary>
/// The working copy that the tests were built in. Found from where they run, since a deterministic build writes
/// <c>/_/</c> in place of the source paths that the compiler knows.
/// </summary>
public static class Repository
{
    /// <summary>The folder of Xuanwu.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder of the working copy.</summary>
    public static string At(string path) => Path.GetFullPath(Path.Combine(Root, path));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Xuanwu.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Xuanwu.sln.");
    }
}
