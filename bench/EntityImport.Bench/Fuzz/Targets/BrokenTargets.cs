using EntityImport.Core.Tests.Csv;
using EntityImport.Csv;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>The tokenizer against a reference that is off by one at the border of a block: it takes what stands at offset 64 for text.</summary>
internal sealed class BrokenBlockTarget : TokenizerTarget
{
    public override string Name => "broken-block";

    private protected override List<Row> Expected(byte[] text, CsvDialect dialect, CsvLimits limits, bool oneColumn)
    {
        if (text.Length > 64) text = [.. text.AsSpan(0, 64), (byte)'x', .. text.AsSpan(65)];
        return base.Expected(text, dialect, limits, oneColumn);
    }
}

/// <summary>Does not end where there is a quote.</summary>
internal sealed class BrokenEndTarget : FuzzTarget
{
    public override string Name => "broken-end";

    public override IReadOnlyList<string> Tokens => ["\""];

    public override void Run(byte[] input)
    {
        while (input.Contains((byte)'"')) Thread.Yield();
    }
}

/// <summary>Takes much memory where there are two commas.</summary>
internal sealed class BrokenMemoryTarget : FuzzTarget
{
    public override string Name => "broken-memory";

    public override IReadOnlyList<string> Tokens => [","];

    public override void Run(byte[] input)
    {
        if (input.Count(value => value == ',') > 1) GC.KeepAlive(new byte[16 << 20]);
    }
}

/// <summary>Fills the stack where there is a bracket.</summary>
internal sealed class BrokenStackTarget : FuzzTarget
{
    public override string Name => "broken-stack";

    public override IReadOnlyList<string> Tokens => ["("];

    public override void Run(byte[] input)
    {
        if (input.Contains((byte)'(')) Descend(input, 0);
    }

    private static int Descend(byte[] input, int depth) => depth < 0 ? 0 : Descend(input, (depth + 1) & int.MaxValue) + input.Length;
}
