using Xuanwu.Server;

try
{
    await Composition.Build(ServerOptions.FromEnvironment()).RunAsync();
    return Environment.ExitCode;
}
catch (OptionWrong wrong)
{
    Console.Error.WriteLine($"xuanwu: {wrong.Message}");
    return 2;
}
