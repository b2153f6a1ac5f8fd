using System.Text.Json;

namespace EntityImport.Client;

/// <summary>Which records to read, in OData's words. What is null is left out.</summary>
public sealed record RecordOptions
{
    /// <summary>The condition: <c>Price gt 10 and Name eq 'A*'</c>.</summary>
    public string? Filter { get; init; }

    /// <summary>The fields to read, separated by commas.</summary>
    public string? Select { get; init; }

    /// <summary>The order: <c>Price desc, Name</c>.</summary>
    public string? OrderBy { get; init; }

    /// <summary>The most records to return; never more than 2,000.</summary>
    public int? Top { get; init; }

    /// <summary>Records to pass over.</summary>
    public long? Skip { get; init; }

    /// <summary>Whether to count all records that fulfil the condition.</summary>
    public bool Count { get; init; }
}

/// <summary>Records that were read.</summary>
/// <param name="Records">The records as objects of field and value; numbers keep all digits.</param>
/// <param name="Total">How many records fulfil the condition; null where that was not asked.</param>
public sealed record RecordPage(IReadOnlyList<JsonElement> Records, long? Total);
