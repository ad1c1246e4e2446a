using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Ocpp;

namespace GridServices.Adapters.Tests.Ocpp;

/// <summary>One to five stations of all sorts.</summary>
internal static class SomeStations
{
    public static readonly Gen<ChargingStation[]> Any =
        from count in Gen.Choose(1, 5)
        from stations in (
            from phases in Gen.Choose(1, 3)
            from most in Gen.Choose(6, 63)
            from volts in Gen.Elements(132m, 253m, 230.5m)
            from weight in Gen.Choose(1, 4)
            from unit in Gen.Elements(ChargingRateUnit.A, ChargingRateUnit.W)
            select new ChargingStation { Id = "s", Phases = phases, MaxA = most, HighestVolts = volts, Weight = weight, Unit = unit }).ArrayOf(count)
        select stations;
}
