namespace EntityImport.Catalog;

/// <summary>What is told to those who subscribed to it, written in the commit of what it tells. Immutable.</summary>
public sealed record Notice
{
    /// <summary>The notice's id, the same for all that it is sent to and however often it is; ids rise with time.</summary>
    public required Guid Id { get; init; }

    /// <summary>What it is about, one of <see cref="NoticeEvent"/>.</summary>
    public required string Event { get; init; }

    /// <summary>When that happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The entity that it is about; null where it is about none.</summary>
    public string? Entity { get; init; }

    /// <summary>The import that it is about; null where it is about none.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>What is sent, as JSON.</summary>
    public required string Body { get; init; }
}

/// <summary>A notice that somebody is to get.</summary>
/// <param name="Notice">The notice.</param>
/// <param name="Deliveries">To whom, at least to one.</param>
public sealed record NewNotice(Notice Notice, IReadOnlyList<Delivery> Deliveries);
