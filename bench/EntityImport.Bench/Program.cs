using BenchmarkDotNet.Running;
using EntityImport.Bench.Pollock;

switch (args)
{
    case ["pollock", var benchmark, var output, .. var ragged]:
        await PollockCommand.RunAsync(benchmark, output, ragged is [var policy] ? policy : "FIT");
        return 0;
    case ["pollock", ..]:
        Console.Error.WriteLine("Usage: bench pollock POLLUTED_FILES OUTPUT [REJECT|PAD|FIT]");
        return 1;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
