namespace EntityImport.Bench.Fuzz;

/// <summary>Something that reads bytes from outside, and what is right about what it makes of them. Deterministic, and run by one thread.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name: that of its folder in <c>Corpus</c>, too.</summary>
    public abstract string Name { get; }

    /// <summary>Texts that are put into inputs, because they mean something to the target.</summary>
    public virtual IReadOnlyList<string> Tokens => [];

    /// <summary>The longest input, in bytes.</summary>
    public virtual int MaxLength => 1024;

    /// <summary>The most bytes that one run may allocate, besides those for each byte of its input.</summary>
    public virtual long AllocatedBytes => 4 << 20;

    /// <summary>The most bytes that one run may allocate for each byte of its input.</summary>
    public virtual long AllocatedBytesPerByte => 4096;

    /// <summary>Reads an input, and compares what comes of it with what is right. Refusals that the target is made to answer with are no exceptions.</summary>
    /// <exception cref="DisagreementException">Something else is right.</exception>
    public abstract void Run(byte[] input);
}

/// <summary>Two readings of one input differ, or a promise about it is broken.</summary>
internal sealed class DisagreementException(string message) : Exception(message)
{
    /// <summary>Throws where two texts differ.</summary>
    /// <param name="expected">What is right.</param>
    /// <param name="actual">What was made of the input.</param>
    /// <param name="how">In which way it was read.</param>
    public static void ThrowIfDifferent<T>(T expected, T actual, string how)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new DisagreementException($"{how}: expected {expected}, not {actual}");
    }

    /// <summary>Throws where a promise is broken.</summary>
    public static void ThrowUnless(bool holds, string promise)
    {
        if (!holds) throw new DisagreementException(promise);
    }
}
