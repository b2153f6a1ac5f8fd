using System.Text;

namespace EntityImport.Bench.Fuzz;

/// <summary>Makes inputs of inputs: some bytes changed, copied, moved, cut or put in, or the beginning of one with the end of another.</summary>
internal sealed class Mutator(Random random, FuzzTarget target)
{
    private const int MostChanges = 8;

    private static readonly byte[] Telling = [0, 1, 9, 10, 13, 32, 34, 39, 44, 45, 46, 48, 57, 92, 127, 128, 0xBF, 0xC2, 0xE2, 0xEF, 0xF0, 0xFF];

    private readonly byte[][] _tokens = [.. target.Tokens.Select(Encoding.UTF8.GetBytes)];

    /// <summary>An input made of one of others, or two.</summary>
    public byte[] Next(IReadOnlyList<byte[]> others)
    {
        // What was found last is where something new is likely.
        var input = new List<byte>(random.Next(2) == 0 ? others[random.Next(others.Count)] : others[others.Count - 1 - random.Next(Math.Max(1, others.Count / 4))]);
        if (random.Next(8) == 0) Join(input, others[random.Next(others.Count)]);
        for (var changes = 1 + random.Next(random.Next(1, MostChanges + 1)); changes > 0; changes--) Change(input);
        if (input.Count > target.MaxLength) input.RemoveRange(target.MaxLength, input.Count - target.MaxLength);
        return [.. input];
    }

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        // How many bytes: few of them mostly.
        var length = Math.Min(random.Next(1, random.Next(3) == 0 ? 65 : 5), input.Count - at);
        switch (random.Next(12))
        {
            case 0 when length > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                input[at] = Byte();
                break;
            case 2 when length > 0:
                input[at] += (byte)random.Next(-2, 3);
                break;
            case 3 or 4:
                input.RemoveRange(at, length);
                break;
            case 5:
                input.Insert(at, Byte());
                break;
            case 6:
                var again = input.GetRange(at, length);
                for (var times = random.Next(1, random.Next(4) == 0 ? 33 : 3); times > 0; times--) input.InsertRange(at, again);
                break;
            case 7:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 8 when length > 0:
                var to = random.Next(input.Count - length + 1);
                var copied = input.GetRange(at, length);
                for (var i = 0; i < length; i++) input[to + i] = copied[i];
                break;
            case 9 when _tokens.Length > 0:
                var token = Token();
                for (var i = 0; i < token.Length && at + i < input.Count; i++) input[at + i] = token[i];
                break;
            default:
                if (_tokens.Length > 0) input.InsertRange(at, Token());
                else input.Insert(at, Byte());
                break;
        }
    }

    private void Join(List<byte> input, byte[] other)
    {
        var at = random.Next(input.Count + 1);
        input.RemoveRange(at, input.Count - at);
        input.AddRange(other[random.Next(other.Length + 1)..]);
    }

    private byte Byte() => random.Next(2) == 0 ? Telling[random.Next(Telling.Length)] : (byte)random.Next(256);

    private byte[] Token() => _tokens[random.Next(_tokens.Length)];
}
