using EntityImport.Cli;
using EntityImport.Cli.Output;

return await CommandLine.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
