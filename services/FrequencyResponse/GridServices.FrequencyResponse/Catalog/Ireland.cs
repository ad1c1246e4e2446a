using static GridServices.FrequencyResponse.Catalog.NumberNames;
using static GridServices.FrequencyResponse.Catalog.Row;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>EirGrid and SONI's DS3 fast frequency response and operating reserves.</summary>
internal static class Ireland
{
    private const string Ds3 = "DS3 System Services Agreement, Schedule 4 Part B";

    public static IEnumerable<ServiceDefinition> Services =>
    [
        new()
        {
            Id = "IE-DS3-FFR",
            Name = "EirGrid/SONI DS3 FFR",
            NominalHz = 50,
            Direction = ResponseDirection.Raise,
            Kind = ServiceKind.Switched,
            Shape = new NoCurve("its rule is one of time and energy; trigger and trajectory are each contract's own, define a custom service with them"),
            Settlement = SettlementRule.FastReserve,
            Numbers = Numbers(
                Recalled(FullActivationSeconds, 2, Ds3), Recalled(NumberNames.DurationSeconds, 8, Ds3), Recalled(InitiationSeconds, 0.15, Ds3),
                SampleAge(0.1), Step(0.01)),
            Note = "Energy gained from 2 to 10 s must exceed the energy lost from 10 to 20 s; the scalar rewards 0.15 s. Every number is recalled.",
        },
        Reserve("IE-DS3-POR", "primary operating reserve", full: 5, duration: 10), Reserve("IE-DS3-SOR", "secondary operating reserve", full: 15, duration: 75),
        Reserve("IE-DS3-TOR1", "tertiary operating reserve 1", full: 90, duration: 210), Reserve("IE-DS3-TOR2", "tertiary operating reserve 2", full: 300, duration: 900),
    ];

    private static ServiceDefinition Reserve(string id, string name, double full, double duration) => new()
    {
        Id = id,
        Name = $"EirGrid/SONI DS3 {name}",
        NominalHz = 50,
        Direction = ResponseDirection.Raise,
        Kind = ServiceKind.Switched,
        Shape = new NoCurve("trigger and trajectory are each contract's own, state them in `switched` or define a custom service with them"),
        Settlement = SettlementRule.StaticHold,
        Numbers = Numbers(Recalled(FullActivationSeconds, full, Ds3), Recalled(NumberNames.DurationSeconds, duration, Ds3), SampleAge(0.5), Step(0.01)),
        Note = "The trigger is agreed with each unit. Every number is recalled.",
    };
}
