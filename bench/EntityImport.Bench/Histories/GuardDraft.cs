using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>Guards to be put, drawn without knowing the entity.</summary>
/// <param name="Numbers">What they are taken from: ten numbers from 0 to 99.</param>
internal sealed record GuardDraft(IReadOnlyList<int> Numbers)
{
    /// <summary>How many numbers it takes.</summary>
    public const int Count = 10;

    /// <summary>The guards, for an entity as it is.</summary>
    public GuardModel Make(Entity entity)
    {
        var numbers = Enumerable.Range(0, entity.Fields.Count).Where(place => entity.Fields[place] is { IsDecimal: true } or { Type: FieldType.Integer or FieldType.Double }).ToList();
        var optional = Enumerable.Range(0, entity.Fields.Count).Where(place => !entity.Fields[place].IsRequired).ToList();
        return new GuardModel
        {
            MaxRemovedRecords = Pick(0, 0, 1, 2),
            MaxRemovedPercent = Pick(1, 0, 25, 50),
            MaxRejectedPercent = Pick(2, 0, 20, 50),
            MinRowsPercent = Pick(3, 50, 100, 150),
            SameHeader = Numbers[4] % 4 == 0,
            Moves = numbers.Count > 0 && Numbers[5] % 2 == 0 ? [(numbers[Numbers[6] % numbers.Count], Of(5, 0, 20, 100), Of(7, 0, 34, 50))] : [],
            Emptied = optional.Count > 0 && Numbers[8] % 2 == 0 ? [(optional[Numbers[9] % optional.Count], Of(8, 0, 34, 50))] : [],
        };

        int? Pick(int number, params int[] values) => Numbers[number] % 4 == 0 ? Of(number, values) : null;

        int Of(int number, params int[] values) => values[Numbers[number] / 4 % values.Length];
    }
}
