using EntityImport.Changes;
using Xunit;

namespace EntityImport.Core.Tests.Changes;

/// <summary>Mistakes are told from honest updates: made changes, small and large, each of several lists that are drawn by a seed, which a failure tells.</summary>
public sealed class ChangeSignatureTests
{
    private static readonly (int Records, int Seeds)[] Sizes = [(40, 15), (400, 4), (4000, 1)];

    public static TheoryData<string> Mistakes => [.. ChangeCases.Mistakes.Keys];

    public static TheoryData<string> Honest => [.. ChangeCases.Honest.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_told(string name)
    {
        var made = ChangeCases.Mistakes[name];
        foreach (var (records, seed, findings) in Run(made))
        {
            var mistakes = findings.Where(finding => finding.Grade == ChangeGrade.Mistake).ToList();
            Assert.True(mistakes is [var only] && only.Code == made.Code && only.Field == made.Field, $"{name}, {records} records, seed {seed}: {Show(findings)}");
            Assert.InRange(mistakes[0].Count, 5, records);
            Assert.InRange(mistakes[0].Examples.Count, 1, 3);
        }
    }

    [Theory]
    [MemberData(nameof(Honest))]
    public void An_honest_update_raises_no_alarm(string name)
    {
        foreach (var (records, seed, findings) in Run(ChangeCases.Honest[name]))
            Assert.True(findings.All(finding => finding.Grade == ChangeGrade.Pattern), $"{name}, {records} records, seed {seed}: {Show(findings)}");
    }

    /// <summary>Of a mistake that changes eight records in one way, with nothing else to go by, a person is told all the same.</summary>
    [Theory]
    [InlineData("prices in cents")]
    [InlineData("stock times 10")]
    [InlineData("signs of balances turned")]
    [InlineData("leading zeros lost")]
    [InlineData("names as in HTML")]
    [InlineData("names in capitals")]
    [InlineData("names and descriptions exchanged")]
    [InlineData("keys in small letters")]
    [InlineData("dates a day earlier")]
    public void Few_records_are_enough_where_chance_is_excluded(string name)
    {
        var made = ChangeCases.Mistakes[name];
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var list = Enumerable.Range(0, 8).Select(number => made.Before(Product.Draw(random, number)) with { Stock = number * 7 + 3 }).ToList();
            var findings = Product.Find(list, [.. made.Make(list, random)]);
            Assert.True(findings.Any(finding => finding.Code == made.Code && finding.Grade == ChangeGrade.Mistake), $"{name}, seed {seed}: {Show(findings)}");
        }
    }

    /// <summary>Three of a kind are none.</summary>
    [Fact]
    public void Three_records_are_never_a_finding()
    {
        foreach (var (name, made) in ChangeCases.Mistakes)
        {
            var random = new Random(7);
            var list = Enumerable.Range(0, 3).Select(number => made.Before(Product.Draw(random, number))).ToList();
            Assert.True(Product.Find(list, [.. made.Make(list, random)]).Count == 0, name);
        }
    }

    [Fact]
    public void There_are_twenty_of_each()
    {
        Assert.InRange(ChangeCases.Mistakes.Count, 20, 100);
        Assert.InRange(ChangeCases.Honest.Count, 20, 100);
    }

    private static IEnumerable<(int Records, int Seed, IReadOnlyList<ChangeFinding> Findings)> Run(ChangeCase made)
    {
        foreach (var (records, seeds) in Sizes)
        {
            for (var seed = 1; seed <= seeds; seed++)
            {
                var random = new Random(seed);
                var list = Enumerable.Range(0, records).Select(number => made.Before(Product.Draw(random, number))).ToList();
                yield return (records, seed, Product.Find(list, [.. made.Make(list, random)]));
            }
        }
    }

    private static string Show(IReadOnlyList<ChangeFinding> findings) => findings.Count == 0
        ? "nothing"
        : string.Join('\n', findings.Select(finding => $"{finding.Grade} {finding.Code} {finding.Message} {string.Join("; ", finding.Examples.Select(example => $"{example.Key}: {example.Before} -> {example.After}"))}"));
}
