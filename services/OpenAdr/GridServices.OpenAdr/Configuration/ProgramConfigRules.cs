using System.Globalization;
using GridServices.Contracts;

namespace GridServices.OpenAdr.Configuration;

/// <summary>The rules of a VEN's programs and of what their signals are turned into.</summary>
internal static class ProgramConfigRules
{
    private const long MostWh = 1_000_000_000_000;

    private const int LongestStream = 120;

    public static void Check(IReadOnlyList<ProgramConfig> programs, ConfigFaults faults)
    {
        if (programs.Count(p => p.DefaultPolicy) > 1)
        {
            faults.Add("/programs", "only one program can have defaultPolicy");
        }

        var streams = new HashSet<string>(StringComparer.Ordinal);
        var contexts = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < programs.Count; i++)
        {
            var (program, at) = (programs[i], $"/programs/{i}");
            Stream($"{at}/stream", program.Stream, faults);
            faults.Once($"{at}/stream", program.Stream, streams);
            Context($"{at}/marketContext", program, contexts, faults);
            faults.LimitsAt($"{at}/default", program.Default);
            faults.FailsafeAt($"{at}/failsafe", program.Failsafe);
            Signals($"{at}/signals", program.Signals, faults);
            Recovery($"{at}/recovery", program.Recovery, faults);
        }
    }

    private static void Stream(string at, string stream, ConfigFaults faults)
    {
        faults.Identifier(at, stream);
        if (stream.Length > LongestStream || stream.EndsWith("-test", StringComparison.Ordinal))
        {
            faults.Add(at, $"must have at most {LongestStream} characters and not end in -test, which names the stream of test events");
        }
    }

    private static void Context(string at, ProgramConfig program, HashSet<string> seen, ConfigFaults faults)
    {
        if (program.MarketContext is not { } context)
        {
            if (!program.DefaultPolicy)
            {
                faults.Add(at, "is missing: give the utility's URI of the program, or set defaultPolicy");
            }

            return;
        }

        if (!Identifiers.IsPlainText(context, 1024))
        {
            faults.Add(at, "must be the program's URI as the utility writes it, such as http://utility.example/dr");
        }

        faults.Once(at, MarketContexts.Normal(context), seen);
    }

    private static void Signals(string at, SignalPolicies signals, ConfigFaults faults)
    {
        Table($"{at}/SIMPLE/levels", signals.Simple?.Levels, 0, 3, faults);
        faults.Watts($"{at}/LOAD_CONTROL/referenceW", signals.LoadControl?.ReferenceW);
        Table($"{at}/LOAD_CONTROL/levelOffsets", signals.LoadControl?.LevelOffsets, -1000, 1000, faults);
        faults.Watts($"{at}/LOAD_DISPATCH/referenceW", signals.LoadDispatch?.ReferenceW);
        foreach (var (name, reference, watts) in new[] { ("LOAD_CONTROL", signals.LoadControl?.Reference, signals.LoadControl?.ReferenceW), ("LOAD_DISPATCH", signals.LoadDispatch?.Reference, signals.LoadDispatch?.ReferenceW) })
        {
            if (reference == LoadReference.PresentLoad && watts is null)
            {
                faults.Add(ErrorClass.SchemaInvalid, $"{at}/{name}/referenceW", "required with reference presentLoad: it holds where the site was not measured, and no load above it counts");
            }
        }
        Table($"{at}/LOAD_DISPATCH/levels", signals.LoadDispatch?.Levels, -10, 10, faults);
        PowerFactor($"{at}/LOAD_CONTROL/powerFactor", signals.LoadControl?.PowerFactor, faults);
        PowerFactor($"{at}/LOAD_DISPATCH/powerFactor", signals.LoadDispatch?.PowerFactor, faults);
        Currency($"{at}/ELECTRICITY_PRICE/currency", signals.ElectricityPrice?.Currency, faults);
        Currency($"{at}/ENERGY_PRICE/currency", signals.EnergyPrice?.Currency, faults);
        if (signals.ChargeState?.CapacityWh is < 1 or > MostWh)
        {
            faults.Add(ErrorClass.SemanticNumber, $"{at}/CHARGE_STATE/capacityWh", "must be 1 Wh to 1 TWh");
        }

        DemandCharge($"{at}/DEMAND_CHARGE", signals.DemandCharge, faults);
        if (signals is { ElectricityPrice: { } electricity, EnergyPrice: { } energy } && electricity.CurrencyOrDefault != energy.CurrencyOrDefault)
        {
            faults.Add($"{at}/ENERGY_PRICE/currency", "must be that of ELECTRICITY_PRICE: one stream has one currency");
        }
    }

    private static void Table(string at, IReadOnlyDictionary<string, Limits>? levels, int least, int most, ConfigFaults faults)
    {
        foreach (var (level, limits) in levels ?? new Dictionary<string, Limits>(StringComparer.Ordinal))
        {
            var entry = $"{at}/{SafeText.Short(level)}";
            if (!int.TryParse(level, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most
                || number.ToString(CultureInfo.InvariantCulture) != level)
            {
                faults.Add(entry, $"is not a level; levels here are \"{least}\" to \"{most}\"");
            }

            faults.LimitsAt(entry, limits);
        }
    }

    private static void DemandCharge(string at, DemandChargePolicy? policy, ConfigFaults faults)
    {
        Currency($"{at}/currency", policy?.Currency, faults);
        if (policy is { Limits.Count: 0 })
        {
            faults.Add($"{at}/limits", "is empty: give the limits that hold from a price on, or leave DEMAND_CHARGE out");
        }

        for (var i = 0; i < (policy?.Limits.Count ?? 0); i++)
        {
            faults.LimitsAt($"{at}/limits/{i}/limits", policy!.Limits[i].Limits);
        }
    }

    private static void PowerFactor(string at, decimal? powerFactor, ConfigFaults faults)
    {
        if (powerFactor is <= 0 or > 1)
        {
            faults.Add(ErrorClass.SemanticNumber, at, "must be more than 0 and at most 1");
        }
    }

    private static void Currency(string at, string? currency, ConfigFaults faults)
    {
        if (currency is not null && (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)))
        {
            faults.Add(at, "must be an ISO 4217 code such as USD");
        }
    }

    private static void Recovery(string at, RecoveryPolicy? recovery, ConfigFaults faults)
    {
        if (recovery is null)
        {
            return;
        }

        foreach (var (name, seconds) in new[] { ("seconds", recovery.Seconds), ("randomSeconds", recovery.RandomSeconds) })
        {
            if (seconds is < 0 or > RecoveryPolicy.MostSeconds)
            {
                faults.Add(ErrorClass.SemanticNumber, $"{at}/{name}", "must be 0 to 86400 seconds");
            }
        }

        if (recovery.Steps is < 1 or > 60)
        {
            faults.Add(ErrorClass.SemanticNumber, $"{at}/steps", "must be 1 to 60");
        }

        faults.Watts($"{at}/fullPowerW", recovery.FullPowerW);
    }
}
