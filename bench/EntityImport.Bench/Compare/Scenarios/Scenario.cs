using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>One thing that is measured: one row of the table.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="group">The name of the group that it belongs to.</param>
/// <param name="title">What it does, for the table.</param>
/// <param name="input">The file that it reads.</param>
internal abstract class Scenario(string name, string group, string title, DataVariant input)
{
    /// <summary>Its name on the command line.</summary>
    public string Name => name;

    /// <summary>The name of its group, which selects all of them.</summary>
    public string Group => group;

    /// <summary>What it does, for the table.</summary>
    public string Title => title;

    /// <summary>The file that it reads.</summary>
    public DataVariant Input => input;

    /// <summary>All files that it needs.</summary>
    public virtual IEnumerable<DataVariant> Files => [input];

    /// <summary>How many times the rows that were asked for it works on.</summary>
    public virtual int Scale => 1;

    /// <summary>Whether rows come into a database on the PostgreSQL server. It goes with the folder, and is copied with it.</summary>
    public virtual bool IsOnPostgres => false;

    /// <summary>Whether it runs where nothing was selected.</summary>
    public virtual bool IsDefault => true;

    /// <summary>The scenarios that must load the same rows have the same text here; null where no values are kept.</summary>
    public virtual string? Content => ContentOf(input);

    /// <summary>Why it cannot run here, or null.</summary>
    public virtual string? FindObstacle(DataSet data) => null;

    /// <summary>Whether the process does the same with a few rows before the clock starts, as a service that runs has done something before.</summary>
    public virtual bool IsWarm => false;

    /// <summary>Whether the process is set up as <c>eis</c> is, and not by .NET's defaults, as programs are that use a library.</summary>
    public virtual bool RunsAsEis => false;

    /// <summary>Whether there is something to prepare.</summary>
    public virtual bool IsPrepared => false;

    /// <summary>What it prepares, by a name: scenarios that have the same begin with copies of the same.</summary>
    public virtual string Prepared => name;

    /// <summary>Makes what must be there before the clock starts. It runs once, in a process of its own; each measurement begins with a copy.</summary>
    public virtual Task PrepareAsync(DataSet data, string directory) => Task.CompletedTask;

    /// <summary>Does it once and measures it.</summary>
    public abstract Task<Measurement> MeasureAsync(DataSet data, string directory);

    /// <summary>What a table holds that a file was loaded into, for <see cref="Content"/>.</summary>
    protected static string? ContentOf(DataVariant variant) => variant switch
    {
        DataVariant.Iso or DataVariant.Locale => "all rows",
        DataVariant.IsoChanged or DataVariant.LocaleChanged => "changed rows",
        DataVariant.IsoAllChanged or DataVariant.LocaleAllChanged => "all rows, changed",
        DataVariant.LocaleFewBad => "good rows",
        _ => null,
    };
}
