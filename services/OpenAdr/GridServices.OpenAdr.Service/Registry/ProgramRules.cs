using System.Globalization;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>The rules of a VEN's programs and of what their signals are turned into.</summary>
internal sealed class ProgramRules(Action<ErrorClass, string, string> fail)
{
    private const long MaxWatts = 1L << 53;

    public void Check(IReadOnlyList<ProgramConfig> programs)
    {
        if (programs.Count(p => p.DefaultPolicy) > 1)
        {
            fail(ErrorClass.Configuration, "/programs", "only one program can have defaultPolicy");
        }

        var streams = new HashSet<string>(StringComparer.Ordinal);
        var contexts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (program, i) in programs.Select((p, i) => (p, i)))
        {
            var at = $"/programs/{i}";
            Stream(at + "/stream", program.Stream, streams);
            Context(at + "/marketContext", program, contexts);
            LimitsRule(at + "/default", program.Default);
            Failsafe(at + "/failsafe", program.Failsafe);
            Signals(at + "/signals", program.Signals);
        }
    }

    private void Stream(string at, string stream, HashSet<string> seen)
    {
        if (!Identifiers.IsSafe(stream))
        {
            fail(ErrorClass.SemanticId, at, "must have 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begin with a letter, digit or _ and hold no '..'");
        }

        if (!seen.Add(stream))
        {
            fail(ErrorClass.DuplicateId, at, "is used by another program of this VEN; each program has a stream of its own");
        }
    }

    private void Context(string at, ProgramConfig program, HashSet<string> seen)
    {
        if (program.MarketContext is null)
        {
            if (!program.DefaultPolicy)
            {
                fail(ErrorClass.SchemaInvalid, at, "is missing: give the utility's URI of the program, or set defaultPolicy");
            }

            return;
        }

        if (!Uri.TryCreate(program.MarketContext, UriKind.Absolute, out _))
        {
            fail(ErrorClass.Configuration, at, "must be a URI such as http://utility.example/dr, as the utility writes it");
        }

        if (!seen.Add(program.MarketContext))
        {
            fail(ErrorClass.DuplicateId, at, "belongs to another program of this VEN");
        }
    }

    private void Signals(string at, SignalPolicies signals)
    {
        if (signals.Simple is { } simple)
        {
            Table(at + "/SIMPLE/levels", simple.Levels, 0, 3);
        }

        if (signals.LoadControl is { } control)
        {
            Watts(at + "/LOAD_CONTROL/referenceW", control.ReferenceW);
            Table(at + "/LOAD_CONTROL/levelOffsets", control.LevelOffsets, -1000, 1000);
        }

        if (signals.LoadDispatch is { } dispatch)
        {
            Watts(at + "/LOAD_DISPATCH/referenceW", dispatch.ReferenceW);
            Table(at + "/LOAD_DISPATCH/levels", dispatch.Levels, -10, 10);
        }

        Price(at + "/ELECTRICITY_PRICE", signals.ElectricityPrice);
        Price(at + "/ENERGY_PRICE", signals.EnergyPrice);
    }

    private void Table(string at, IReadOnlyDictionary<string, Limits>? levels, int least, int most)
    {
        foreach (var (level, limits) in levels ?? new Dictionary<string, Limits>(StringComparer.Ordinal))
        {
            var entry = $"{at}/{Transport.OneLine.Of(level)}";
            if (!int.TryParse(level, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most
                || number.ToString(CultureInfo.InvariantCulture) != level)
            {
                fail(ErrorClass.Configuration, entry, $"is not a level; levels here are \"{least}\" to \"{most}\"");
            }

            LimitsRule(entry, limits);
        }
    }

    private void Price(string at, PricePolicy? price)
    {
        if (price is not null && (price.Currency.Length != 3 || price.Currency.Any(c => !char.IsAsciiLetterUpper(c))))
        {
            fail(ErrorClass.Configuration, at + "/currency", "must be an ISO 4217 code such as EUR");
        }
    }

    private void Failsafe(string at, Failsafe? failsafe)
    {
        if (failsafe is null)
        {
            return;
        }

        if (failsafe.StaleAfter <= Duration.Zero)
        {
            fail(ErrorClass.Configuration, at + "/staleAfter", "must be more than zero, such as PT2M");
        }

        if (failsafe is { OnStale: OnStale.Failsafe, Limits: null })
        {
            fail(ErrorClass.Configuration, at + "/limits", "is missing: with onStale failsafe the limits to fall back to must be stated");
        }

        LimitsRule(at + "/limits", failsafe.Limits);
    }

    private void LimitsRule(string at, Limits? limits)
    {
        if (limits is null)
        {
            return;
        }

        Watts(at + "/importLimitW", limits.ImportLimitW);
        Watts(at + "/exportLimitW", limits.ExportLimitW);
        Watts(at + "/chargeLimitW", limits.ChargeLimitW);
        Watts(at + "/dischargeLimitW", limits.DischargeLimitW);
        Watts(at + "/generationLimitW", limits.GenerationLimitW);
        Watts(at + "/loadLimitW", limits.LoadLimitW);
        foreach (var (name, phase) in new[] { ("L1", limits.PerPhase?.L1), ("L2", limits.PerPhase?.L2), ("L3", limits.PerPhase?.L3) })
        {
            if (phase?.ImportLimitA < 0 || phase?.ExportLimitA < 0)
            {
                fail(ErrorClass.SemanticNumber, $"{at}/perPhase/{name}", "must not be negative");
            }
        }
    }

    private void Watts(string at, long? value)
    {
        if (value is < 0 or > MaxWatts)
        {
            fail(ErrorClass.SemanticNumber, at, "must lie between 0 and 2^53 W; leave it out for 'no statement' (0 means nothing allowed)");
        }
    }
}
