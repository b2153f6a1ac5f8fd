using System.Text;
using EntityImport.Catalog;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>Finds cures of a cause and runs each of them by the import's own converters: over the rows of the cause, and over the rows that were accepted.</summary>
/// <param name="basis">The file.</param>
/// <param name="cause">The cause.</param>
/// <param name="threads">How many threads read the file.</param>
internal sealed class CureTrial(RepairBasis basis, RejectionCause cause, int threads)
{
    private const int MaxExamples = 6;

    /// <summary>How many of the cause's first rows a candidate is tried on, and how many of those that cure one of them are measured.</summary>
    private const int FirstRows = 2_000;
    private const int MaxMeasured = 10;

    private static readonly HashSet<string> CodesOfKeys =
        [.. new[] { FaultCode.KeyRepeated, FaultCode.KeyExists, FaultCode.KeyTooLong, FaultCode.RequiredUnmapped, FaultCode.RecordTooLarge }.Select(code => code.Name())];

    /// <summary>Measures cures.</summary>
    /// <param name="rejected">The rejected rows.</param>
    /// <param name="edit">A row of the cause, and what its refused text is made; null where nothing was edited.</param>
    /// <param name="own">A cure that somebody has thought of; null means that cures are looked for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public CureReport Run(RejectedRowsReader rejected, (long Row, string Value)? edit, Cure? own, CancellationToken cancellationToken)
    {
        var profile = new CauseProfile();
        var (rejectedRows, editedText) = Look(rejected, profile, edit?.Row, cancellationToken);
        if (profile.Rows == 0) throw new RequestException(FaultKind.Invalid, "invalid-parameter", "cause: No row has it.", [new RequestFault("cause", "No row has it.")]);
        if (edit is not null && editedText is null) throw new RequestException(FaultKind.Invalid, "validation", "The row has not the cause.", [new RequestFault("edit.row", "The row has not the cause, or no field that could be edited.")]);
        (string Before, string After)? change = edit is { } made ? (editedText!, made.Value) : null;
        var trials = Compile(profile, change, own, cancellationToken);
        if (own is null) trials = Choose(trials, rejected, cancellationToken);
        RunOverCause(trials, rejected, change, cancellationToken);
        // Rows that the key forbids are read like those that were accepted, and are not.
        var accepted = RunOverAccepted(trials, rejectedRows, cancellationToken);
        return new CureReport(cause, profile.Rows, accepted, [.. trials
            .Where(trial => own is not null || trial.Accepted > 0)
            .OrderByDescending(trial => trial.ReproducesEdit == true).ThenByDescending(trial => trial.Accepted).ThenBy(trial => trial.Differing)
            .Select(trial => trial.Tell(change is not null))]);
    }

    private static bool IsOf(RejectionCause cause, StoredRejectedRow row) => row.Reasons.Any(reason => reason.Code == cause.Code && reason.Field == cause.Field && RejectionCause.Of(reason) == cause);

    private int ColumnOfCause => basis.FindField(cause.Field)?.Column ?? -1;

    private (long[] Rejected, string? Edited) Look(RejectedRowsReader rejected, CauseProfile profile, long? edited, CancellationToken cancellationToken)
    {
        var rows = new List<long>();
        var fields = new RejectedFields(rejected.Format);
        string? editedText = null;
        rejected.Rewind();
        while (rejected.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Add(row.Row);
            if (!IsOf(cause, row)) continue;
            var value = ColumnOfCause >= 0 ? fields.Split(row)?[ColumnOfCause] : null;
            profile.Add(value);
            if (row.Row == edited) editedText = value;
        }

        return ([.. rows], editedText);
    }

    private List<Trial> Compile(CauseProfile profile, (string Before, string After)? edit, Cure? own, CancellationToken cancellationToken)
    {
        var trials = new List<Trial>();
        var faults = new RequestFaults();
        foreach (var (cure, text) in own is null ? CureCandidates.Find(basis, cause, profile, edit) : [(own, CureCandidates.Describe(basis, cause, profile, own))])
        {
            // A candidate that is no mapping is none.
            if (trials.All(trial => trial.Cure.Cure != cure) && CompiledCure.Compile(basis, cause, cure, faults, cancellationToken) is { } compiled) trials.Add(new Trial(compiled, text, basis));
        }

        return own is not null && faults.Count > 0 ? throw RequestException.Invalid(faults) : trials;
    }

    /// <summary>Those that cure some of the first rows, the best of them.</summary>
    private List<Trial> Choose(List<Trial> trials, RejectedRowsReader rejected, CancellationToken cancellationToken)
    {
        var counts = new long[trials.Count];
        var fields = new RejectedFields(rejected.Format);
        rejected.Rewind();
        for (var seen = 0; seen < FirstRows && rejected.Read() is { } row;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsOf(cause, row)) continue;
            seen++;
            var split = fields.Split(row);
            for (var i = 0; i < trials.Count; i++)
                if (trials[i].Cure.Cure.Drop || trials[i].Run.Apply(row.Text, split) is not null) counts[i]++;
        }

        return [.. trials.Index().Where(trial => counts[trial.Index] > 0).OrderByDescending(trial => counts[trial.Index]).Select(trial => trial.Item).Take(MaxMeasured)];
    }

    private void RunOverCause(List<Trial> trials, RejectedRowsReader rejected, (string Before, string After)? edit, CancellationToken cancellationToken)
    {
        var fields = new RejectedFields(rejected.Format);
        var check = new RowCheck(basis);
        rejected.Rewind();
        while (rejected.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsOf(cause, row)) continue;
            var split = fields.Split(row);
            foreach (var trial in trials)
            {
                var cured = trial.Cure.Cure.Drop ? new CuredRow([], null, null) : trial.Run.Apply(row.Text, split);
                if (edit is { } made && split is not null && cured is not null && split[ColumnOfCause] == made.Before && trial.ReproducesEdit is null)
                {
                    var edited = (string[])split.Clone();
                    edited[ColumnOfCause] = made.After;
                    var (value, isRead) = trial.Run.ReadWithout(edited);
                    trial.ReproducesEdit = isRead && value == cured.After;
                }

                if (cured is null)
                {
                    trial.Left++;
                    if (trial.LeftExamples.Count < MaxExamples) trial.LeftExamples.Add(new CureExample(row.Row, row.Line, ColumnOfCause < 0 ? ShowRecord(row.Text) : split is not null ? ShownText.Cut(split[ColumnOfCause]) : null, null));
                    continue;
                }

                trial.Accepted++;
                // What widens the entity leaves the text: then it is the reasons that tell.
                if (trial.Cure.Cure.Entity is not null ? row.Reasons.Count == 1 : trial.Cure.Cure.Drop || check.Accepts(cured.Fields, cancellationToken)) trial.Ready++;
                if (trial.Examples.Count < MaxExamples) trial.Examples.Add(Show(row, trial.Cure, cured));
            }
        }
    }

    private CureExample Show(StoredRejectedRow row, CompiledCure cure, CuredRow cured) => cure.Shape is null
        ? new CureExample(row.Row, row.Line, cured.Before is { } before ? ShownText.Cut(before) : null, cured.After is { } after ? ShownText.Cut(after) : null)
        : new CureExample(row.Row, row.Line, ShowRecord(row.Text), ShowRecord(new OneRow(basis.Format).Join(cured.Fields)));

    /// <summary>A record as it stands in a file, without the line's end. Of a long one it is the end that tells how many fields there are.</summary>
    private static string ShowRecord(byte[] text)
    {
        var shown = Encoding.UTF8.GetString(text).TrimEnd('\r', '\n');
        if (shown.Length <= Limits.NameCharacters) return ShownText.Cut(shown);
        var from = shown.Length - Limits.NameCharacters + 1;
        return "…" + ShownText.Cut(shown[(char.IsLowSurrogate(shown[from]) ? from + 1 : from)..]);
    }

    /// <summary>Runs cures over the rows that were accepted; answers how many these are.</summary>
    private long RunOverAccepted(List<Trial> trials, long[] rejectedRows, CancellationToken cancellationToken)
    {
        var next = -1;
        var accepted = 0L;
        var results = new List<Worker>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, Math.Max(1, Math.Min(threads, basis.Input.Parts.Count))).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var worker = new Worker(basis, trials);
                for (int part; (part = Interlocked.Increment(ref next)) < basis.Input.Parts.Count;) worker.Read(part, rejectedRows, ending.Token);
                lock (results) results.Add(worker);
            },
            ending.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            Task.WaitAll(workers, CancellationToken.None);
        }
        catch (AggregateException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw fault.InnerExceptions[0];
        }

        foreach (var worker in results)
        {
            accepted += worker.Accepted;
            for (var i = 0; i < trials.Count; i++)
            {
                trials[i].Differing += worker.Differing[i];
                trials[i].DifferingExamples.AddRange(worker.Examples[i]);
            }
        }

        return accepted;
    }

    /// <summary>A cure on trial.</summary>
    private sealed class Trial(CompiledCure cure, string text, RepairBasis basis)
    {
        public CompiledCure Cure => cure;

        public CureRun Run { get; } = new(basis, cure);

        public long Accepted { get; set; }

        public long Left { get; set; }

        public long Ready { get; set; }

        public long Differing { get; set; }

        public bool? ReproducesEdit { get; set; }

        public List<CureExample> Examples { get; } = [];

        public List<CureExample> LeftExamples { get; } = [];

        public List<CureExample> DifferingExamples { get; } = [];

        public MeasuredCure Tell(bool hasEdit) => new(cure.Cure, text, Accepted, Left, Ready, Differing, hasEdit ? ReproducesEdit ?? false : null)
        {
            Examples = Examples,
            LeftExamples = LeftExamples,
            DifferingExamples = [.. DifferingExamples.OrderBy(example => example.Row).Take(MaxExamples)],
        };
    }

    /// <summary>One thread's share of the accepted rows.</summary>
    private sealed class Worker
    {
        private readonly RepairBasis _basis;
        private readonly List<Trial> _trials;
        private readonly IInputReader _reader;
        private readonly BatchConversion _conversion;
        private readonly ColumnVector?[] _values;
        private readonly RecordFaults _faults = new();
        private readonly OneRow _row;
        private readonly ColumnVector?[] _single;

        public Worker(RepairBasis basis, List<Trial> trials)
        {
            _basis = basis;
            _trials = trials;
            _reader = basis.Input.CreateReader();
            _conversion = new BatchConversion(new RecordShape(basis.Input.Columns, basis.Definition.Layout.HasHeader, basis.Definition.RaggedRows), basis.Definition, basis.Fields);
            _values = [.. trials.Select(trial => trial.Cure.After is { } after ? new ColumnVector(after.Field) : null)];
            _single = [.. trials.Select(trial => trial.Cure.After is { } after ? new ColumnVector(after.Field) : null)];
            _row = new OneRow(basis.Format);
            Differing = new long[trials.Count];
            Examples = [.. trials.Select(_ => new List<CureExample>())];
        }

        public long Accepted { get; private set; }

        public long[] Differing { get; }

        public List<CureExample>[] Examples { get; }

        public void Read(int part, long[] rejectedRows, CancellationToken cancellationToken)
        {
            _reader.Open(part);
            var at = Array.BinarySearch(rejectedRows, _basis.Input.Parts[part].RecordsBefore + 1);
            if (at < 0) at = ~at;
            while (_reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = _reader.Batch;
                _conversion.Convert(batch, cancellationToken);
                var isAccepted = new bool[batch.Count];
                for (var record = 0; record < batch.Count; record++)
                {
                    var row = batch.RecordsBefore + record + 1;
                    var wasRejected = at < rejectedRows.Length && rejectedRows[at] == row;
                    if (wasRejected) at++;
                    isAccepted[record] = !wasRejected && !_conversion.Faults.IsRejected(record);
                    if (isAccepted[record]) Accepted++;
                }

                for (var i = 0; i < _trials.Count; i++) Compare(i, batch, isAccepted);
            }
        }

        private void Compare(int trial, RecordBatch batch, bool[] isAccepted)
        {
            var cure = _trials[trial].Cure;
            // A record that has the columns has them however others are read, and what leaves rows out leaves out those of the cause.
            if (cure.Cure.Drop || cure.After is not { } after) return;
            var index = _basis.Fields.Index().First(bound => bound.Item == cure.Before).Index;
            var before = _conversion.Columns[index];
            if (cure.Cure.Text is { } change)
            {
                CompareTexts(trial, batch, isAccepted, change, before);
                return;
            }

            _faults.Clear();
            var values = _values[trial]!;
            after.Converter.Convert(batch, after.Column, 0, values, _faults);
            for (var record = 0; record < batch.Count; record++)
            {
                if (!isAccepted[record]) continue;
                var isRefused = _faults.IsRejected(record);
                if (!isRefused && AreSame(batch, before, values, record)) continue;
                Note(trial, batch, record, before, isRefused ? null : OneRow.Show(batch, values, record));
            }
        }

        private void CompareTexts(int trial, RecordBatch batch, bool[] isAccepted, TextChange change, ColumnVector before)
        {
            var cure = _trials[trial].Cure;
            for (var record = 0; record < batch.Count; record++)
            {
                if (!isAccepted[record]) continue;
                var text = Encoding.UTF8.GetString(new ColumnText(batch, cure.Before!.Column)[record]);
                var changed = TextChanges.Apply(change, text);
                if (changed == text) continue;
                var fields = Enumerable.Repeat("", _basis.Format.Columns.Count).ToArray();
                fields[cure.After!.Column] = changed;
                var shown = OneRow.Show(batch, before, record);
                var isRead = _row.Set(fields) && _row.Read(cure.After, _single[trial]!);
                var after = isRead ? OneRow.Show(_row.Batch, _single[trial]!, 0) : null;
                if (!isRead || after != shown) Note(trial, batch, record, before, after);
            }
        }

        private void Note(int trial, RecordBatch batch, int record, ColumnVector before, string? after)
        {
            Differing[trial]++;
            if (Examples[trial].Count >= MaxExamples) return;
            Examples[trial].Add(new CureExample(
                batch.RecordsBefore + record + 1, _basis.Input.LineOf(batch, record),
                OneRow.Show(batch, before, record) is { } shown ? ShownText.Cut(shown) : null, after is null ? null : ShownText.Cut(after)));
        }

        private static bool AreSame(RecordBatch batch, ColumnVector before, ColumnVector after, int record)
        {
            if (before.IsNull(record) || after.IsNull(record)) return before.IsNull(record) == after.IsNull(record);
            if (before.Field.DataType == Entities.DataType.String || before.ValueSize != after.ValueSize || before.Field.Scale != after.Field.Scale) return OneRow.Show(batch, before, record) == OneRow.Show(batch, after, record);
            return before.Bytes.Slice(record * before.ValueSize, before.ValueSize).SequenceEqual(after.Bytes.Slice(record * after.ValueSize, after.ValueSize));
        }
    }
}
