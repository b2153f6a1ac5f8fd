using EntityImport.Catalog;
using EntityImport.Records;

namespace EntityImport.Bench.RandomEntities;

/// <summary>One drawn entity: files go into it in all modes, and after each of them it is compared with the model, record by record and value by value.</summary>
internal sealed class Trial
{
    /// <summary>The most values of one file.</summary>
    private const int MaxValues = 6000;

    /// <summary>The most rows of a file with long texts.</summary>
    private const int MaxLongRows = 60;

    /// <summary>The most values that are read record by record.</summary>
    private const int MaxValuesReadAlone = 500;

    private readonly RealEngine _engine;
    private readonly Random _random;
    private readonly Entity _entity;
    private readonly PlainModel _model;
    private readonly List<string?[]> _keys = [];

    public Trial(RealEngine engine, int seed, int number)
    {
        // What is drawn depends on nothing that depends on the trials before.
        _random = new Random(unchecked((seed * 7919) ^ number));
        _engine = engine;
        _entity = new Entity(_random);
        _model = new PlainModel(_entity);
    }

    /// <summary>How many imports were compared.</summary>
    public int Imports { get; private set; }

    /// <summary>How many records were compared, each once for each import.</summary>
    public long Records { get; private set; }

    /// <summary>What it is about, for who looks into a difference.</summary>
    public override string ToString() => _entity.ToString();

    /// <summary>Runs it.</summary>
    /// <exception cref="DifferenceException">The service did otherwise than the model.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _engine.PutAsync(_entity, cancellationToken);
        for (var import = _random.Next(3, 7); import > 0; import--)
        {
            if (_random.Next(6) == 0) await GrowAsync(cancellationToken);
            await ImportAsync(cancellationToken);
            if (_random.Next(20) == 0) await _engine.ReopenAsync(cancellationToken);
            await CompareAllAsync(cancellationToken);
        }

        await CompareAloneAsync(cancellationToken);
        await CompareFoundAsync(cancellationToken);
        await _engine.DeleteAsync(_entity, cancellationToken);
    }

    private async Task GrowAsync(CancellationToken cancellationToken)
    {
        var fields = _entity.Fields.Count;
        _entity.Grow(_random);
        if (_entity.Fields.Count > fields)
        {
            _model.AddField();
            for (var i = 0; i < _keys.Count; i++) _keys[i] = [.. _keys[i], null];
        }

        await _engine.PutAsync(_entity, cancellationToken);
    }

    private async Task ImportAsync(CancellationToken cancellationToken)
    {
        var mapping = Mapping.Draw(_random, _entity);
        var most = _entity.IsLong ? MaxLongRows : Math.Max(3, MaxValues / _entity.Fields.Count);
        var file = DrawnFile.Draw(_random, _entity, mapping, DrawKeys(_random.Next(20) == 0 ? 0 : _random.Next(1, _random.Next(8) == 0 ? most : Math.Min(most, 80)), mapping.Mode));
        var expected = _model.Apply(mapping, file.Rows);
        var import = await _engine.ImportAsync(_entity, mapping, file, cancellationToken);
        var what = $"import {Imports + 1} ({mapping.Mode}{(mapping.KeepsEmpty ? ", KEEP" : "")}{(mapping.Defaults.Count > 0 ? ", defaults" : "")}{(mapping.IsDryRun ? ", dry run" : "")}, {file.Rows.Count} rows) under {DifferenceException.Cut(mapping.Json(_entity))}";
        var ledger = import.Ledger;
        var actual = new Ledger(ledger.Inserted, ledger.Updated, ledger.Unchanged, ledger.Superseded, ledger.Rejected, ledger.Removed);
        if (expected.Ledger is { } wanted ? import.State != ImportState.Succeeded || actual != wanted || ledger.Records != file.Rows.Count : import is not { State: ImportState.Failed, ClientError: true })
            throw new DifferenceException($"{what} ended as {import.State} with {actual}, \"{import.Message}\"; expected is {(expected.Ledger is null ? "Failed by the file" : expected.Ledger)}.{(import is { State: ImportState.Failed, ClientError: false } ? _engine.Error.Text : "")}{(expected.Rejected is { } wantedRows ? $" Of the rejected rows {DifferenceException.Describe(await _engine.ReadRejectedAsync(import, cancellationToken), wantedRows)}." : "")}");
        if (expected.Rejected is { } rejected)
        {
            var told = await _engine.ReadRejectedAsync(import, cancellationToken);
            if (!told.SequenceEqual(rejected))
                throw new DifferenceException($"{what} rejected {told.Count} rows, {rejected.Count} are expected; {DifferenceException.Describe(told, rejected)}.");
        }

        Imports++;
    }

    /// <summary>Draws the keys of a file's rows: new ones, those of records that are there, and some that come again.</summary>
    private List<string?[]> DrawKeys(int rows, string mode)
    {
        var places = _entity.Key.ToList();
        var again = _random.Next(3) switch { 0 => 0, 1 => 5, _ => 40 };
        var old = mode == "INSERT" ? 5 : 50;
        var keys = new List<string?[]>(rows);
        for (var row = 0; row < rows; row++)
        {
            if (keys.Count > 0 && _random.Next(100) < again) keys.Add(keys[_random.Next(keys.Count)]);
            else if (_keys.Count > 0 && _random.Next(100) < old) keys.Add(_keys[_random.Next(_keys.Count)]);
            else keys.Add(New());
        }

        return keys;

        string?[] New()
        {
            var key = new string?[_entity.Fields.Count];
            foreach (var place in places) key[place] = FieldValue.Draw(_random, _entity.Fields[place]);
            if (_keys.Count < 1000) _keys.Add(key);
            return key;
        }
    }

    /// <summary>Reads all records by pages in an order of some field or none: each is there once, as the model has it.</summary>
    private async Task CompareAllAsync(CancellationToken cancellationToken)
    {
        int? orderBy = _random.Next(3) == 0 ? null : _random.Next(_entity.Fields.Count);
        var descending = _random.Next(2) == 0;
        var top = _random.Next(3) == 0 ? Math.Max(1, _model.Records.Count / 3) : 2000;
        var records = new List<string?[]>();
        while (true)
        {
            var (page, total) = await _engine.ReadAsync(_entity, new Dictionary<int, string?>(), orderBy, descending, records.Count, top, cancellationToken);
            records.AddRange(page);
            if (total != _model.Records.Count) throw new DifferenceException($"after import {Imports} there are {total} records, {_model.Records.Count} are expected; {First(page, _model.Records)}.");
            if (page.Count < top) break;
        }

        var how = $"after import {Imports}, by pages of {top}{(orderBy is { } place ? $" ordered by {_entity.Fields[place].Name}{(descending ? " desc" : "")}" : "")}";
        Same(how, records, _model.Records);
        for (var i = 1; i < records.Count; i++)
            if (Order(records[i - 1], records[i], orderBy, descending) > 0) throw new DifferenceException($"{how}, {Show(records[i - 1])} comes before {Show(records[i])}.");
        Records += records.Count;
    }

    /// <summary>The given field first, then the key.</summary>
    private int Order(string?[] left, string?[] right, int? orderBy, bool descending)
    {
        if (orderBy is { } first && FieldValue.Compare(_entity.Fields[first], left[first], right[first]) is var order and not 0) return descending ? -order : order;
        return _entity.Key.Select(place => FieldValue.Compare(_entity.Fields[place], left[place], right[place])).FirstOrDefault(order => order != 0);
    }

    /// <summary>Reads records one by one by their keys, and keys that are not there.</summary>
    private async Task CompareAloneAsync(CancellationToken cancellationToken)
    {
        if (!_entity.HasKey) return;
        foreach (var key in _random.GetItems(_keys.ToArray(), Math.Clamp(MaxValuesReadAlone / _entity.Fields.Count, 3, 25)))
        {
            var wanted = _entity.Key.ToDictionary(place => place, place => key[place]);
            var (records, _) = await _engine.ReadAsync(_entity, wanted, orderBy: null, descending: false, 0, 10, cancellationToken);
            Same($"by the key {string.Join(", ", wanted.Values)}", records, _model.Records.Where(record => wanted.All(pair => record[pair.Key] == pair.Value)));
            Records += records.Count;
        }
    }

    /// <summary>Finds records by values of any field.</summary>
    private async Task CompareFoundAsync(CancellationToken cancellationToken)
    {
        var all = _model.Records.ToList();
        for (var query = Math.Min(all.Count, 5); query > 0; query--)
        {
            var place = _random.Next(_entity.Fields.Count);
            var value = all[_random.Next(all.Count)][place];
            var (records, _) = await _engine.ReadAsync(_entity, new Dictionary<int, string?> { [place] = value }, orderBy: null, descending: false, 0, RecordQuery.MaxTop, cancellationToken);
            var found = all.Where(record => record[place] == value).ToList();
            // Of more than a page it is the first by their keys; without a key it may be any.
            if (found.Count > RecordQuery.MaxTop && !_entity.HasKey) continue;
            found.Sort((left, right) => Order(left, right, orderBy: null, descending: false));
            Same($"where {_entity.Fields[place].Name} is {value ?? "null"}", records, found.Take(RecordQuery.MaxTop));
        }
    }

    private static void Same(string how, IReadOnlyCollection<string?[]> actual, IEnumerable<string?[]> expected)
    {
        var wanted = expected.ToList();
        if (actual.Count != wanted.Count || !actual.Select(Whole).Order(StringComparer.Ordinal).SequenceEqual(wanted.Select(Whole).Order(StringComparer.Ordinal)))
            throw new DifferenceException($"{how}, there are {actual.Count} records, {wanted.Count} are expected; {First(actual, wanted)}.");
    }

    private static string First(IEnumerable<string?[]> actual, IEnumerable<string?[]> expected) => DifferenceException.Describe(actual.Select(Whole).ToList(), expected.Select(Whole).ToList());

    private static string Whole(string?[] record) => string.Join('\u001f', record.Select(value => value ?? "∅"));

    private static string Show(string?[] record) => DifferenceException.Cut(Whole(record));
}
