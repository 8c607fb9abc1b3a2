using Xuanwu.Cli;

return await XuanwuCommand.RunAsync(args, new Terminal(Console.Out, Console.Error), CancellationToken.None);
