namespace EntityImport.Postgres.Connections;

/// <summary>What PostgreSQL failed with, told without the values that it quotes.</summary>
/// <param name="sqlState">PostgreSQL's code of the fault.</param>
/// <param name="message">What it says.</param>
internal sealed class PostgresFault(string sqlState, string message) : Exception(message)
{
    /// <summary>The fault of a table that is not there.</summary>
    public const string UndefinedTable = "42P01";

    /// <summary>The fault of a transaction that did nothing for too long, so that the server has ended its session.</summary>
    public const string IdleInTransaction = "25P03";

    /// <summary>The fault of a lock that was not to be had in time.</summary>
    public const string LockNotAvailable = "55P03";

    /// <summary>Something else needs what was to be dropped.</summary>
    public const string DependentObjectsStillExist = "2BP01";

    /// <summary>The fault of a key that is there twice.</summary>
    public const string UniqueViolation = "23505";

    /// <summary>PostgreSQL's code of the fault.</summary>
    public string SqlState { get; } = sqlState;
}
