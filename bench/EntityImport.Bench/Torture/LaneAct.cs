namespace EntityImport.Bench.Torture;

/// <summary>Something that is done to an entity.</summary>
/// <param name="Waits">Whether the imports that were invoked before have to end first.</param>
internal abstract record LaneAct(bool Waits)
{
    /// <summary>Uploads a file and imports it.</summary>
    internal sealed record Import(InvokedImport Invoked) : LaneAct(Waits: false);

    /// <summary>Uploads a file and has a plan made of it.</summary>
    internal sealed record Plan(InvokedPlan Invoked, bool Waits) : LaneAct(Waits)
    {
        /// <summary>Whether it is ended at once.</summary>
        public bool Cancels { get; init; }
    }

    /// <summary>Applies a plan, once it is ready.</summary>
    internal sealed record Apply(InvokedPlan Invoked, bool Waits) : LaneAct(Waits);

    /// <summary>Undoes an import, once that has ended.</summary>
    internal sealed record Undo(InvokedImport Undone, bool Waits) : LaneAct(Waits)
    {
        /// <summary>Whether that undo is undone as well.</summary>
        public bool Twice { get; init; }
    }

    /// <summary>Deletes a plan, once it has ended.</summary>
    internal sealed record Delete(InvokedPlan Invoked) : LaneAct(Waits: false);
}
