using EntityImport.Options;
using Xunit;

namespace EntityImport.Tests;

public sealed class EngineSettingTests
{
    /// <summary>An option that is added to the engine can be configured, and has its range in the one place.</summary>
    [Fact]
    public void Every_option_that_is_a_number_has_a_setting()
    {
        var options = typeof(EngineOptions).GetProperties().Select(property => property.Name).Except([nameof(EngineOptions.DataDirectory), nameof(EngineOptions.NodeName), nameof(EngineOptions.AcceptNewStore), nameof(EngineOptions.Limits)]);
        var limits = typeof(Limits).GetProperties().Select(property => property.Name);

        // Durations have their unit at the end of the name.
        string[] units = ["Seconds", "Hours", "Days"];
        var settings = EngineSetting.All.Select(setting => units.Aggregate(setting.Name.Replace("limits.", "", StringComparison.Ordinal), (name, unit) => name.EndsWith(unit, StringComparison.Ordinal) ? name[..^unit.Length] : name));

        Assert.Equal(options.Concat(limits).Order(StringComparer.OrdinalIgnoreCase), settings.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Defaults_and_ends_of_ranges_are_allowed_and_what_is_beyond_is_named()
    {
        EngineSetting.Check(new EngineOptions());
        foreach (var setting in EngineSetting.All)
        {
            foreach (var value in (decimal[])[setting.Least, setting.Most])
            {
                var changed = setting.Set(new EngineOptions(), value);
                Assert.Equal((setting.Name, value), (setting.Name, setting.ValueIn(changed)));
                EngineSetting.Check(changed);
                // Only that option has changed.
                Assert.All(EngineSetting.All.Where(other => other != setting), other => Assert.Equal(other.ValueIn(new EngineOptions()), other.ValueIn(changed)));
            }

            Assert.StartsWith($"{setting.Name} cannot be ", setting.FaultOf(setting.Least - 1), StringComparison.Ordinal);
            Assert.StartsWith($"{setting.Name} cannot be ", setting.FaultOf(setting.Most + 1), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_options_out_of_range_are_told_at_once()
    {
        var refused = Assert.Throws<OptionsException>(() => EngineSetting.Check(new EngineOptions { MaxAttempts = 0, Limits = new Limits { Words = -1 } }));

        Assert.Equal(["maxAttempts cannot be 0; expected is a whole number of attempts from 1 to 100.", "limits.words cannot be -1; expected is a whole number of words from 1 to 100000."], refused.Faults);
    }
}
