using Xuanwu.Sandbox;

return await SandboxProgram.RunAsync(args);
