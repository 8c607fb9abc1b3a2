using Xuanwu.Server;

try
{
    await Composition.Build(ServerOptions.FromEnvironment()).RunAsync();
    return Environment.ExitCode;
}
catch (OperationCanceledException) when (Environment.ExitCode != 0)
{
    return Environment.ExitCode; // it gave up before it had started listening; the log says why
}
catch (OptionWrong wrong)
{
    Console.Error.WriteLine($"xuanwu: {wrong.Message}");
    return 2;
}
