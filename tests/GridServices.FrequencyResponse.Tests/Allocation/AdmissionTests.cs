using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Tests.Allocation;

public sealed class AdmissionTests
{
    private const long Millisecond = 1_000_000;

    [Theory]
    [InlineData("GB-DCL", 50, true)]
    [InlineData("GB-DCL", 400, true)]
    [InlineData("GB-DCL", 401, false)]
    [InlineData("NORDIC-FFR-49.7", 1100, true)]
    [InlineData("NORDIC-FFR-49.5", 1100, false)]
    [InlineData("CE-FCR", 1500, true)]
    public void LatencyAndMeterTimeMustFitTheService(string service, int latency, bool admitted)
    {
        var battery = TestAssets.Battery(0, 10_000) with { LatencyNanos = latency * Millisecond };
        Assert.Equal(admitted, Admission.Check(battery, ServiceCatalog.BuiltIn.Find(service)!, 100 * Millisecond, 0).Admitted);
    }

    [Fact]
    public void AnOldVehicleChargerIsRefusedForAFastServiceAndTheReasonSaysWhatToDo()
    {
        // CHAdeMO, first generation: 4 s until it moves, 3.3 kW/s then.
        var slow = TestAssets.Vehicle(0) with { LatencyNanos = 4000 * Millisecond, RampWPerS = 3300 };
        var refused = Admission.Check(slow, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 100 * Millisecond, 0);
        Assert.Equal("v2g-0 starts 4.1 s after the frequency, GB-DCL asks for 0.5 s; let the asset run the curve itself, or contract a slower service", refused.Reason);
        Assert.True(Admission.Check(slow with { LatencyNanos = 1500 * Millisecond }, ServiceCatalog.BuiltIn.Find("CE-FCR")!, 100 * Millisecond, 0).Admitted);
    }

    [Fact]
    public void ARampTooSlowForFullActivationIsRefused()
    {
        var slow = TestAssets.Battery(0, 100_000) with { RampWPerS = 50_000 };
        var refused = Admission.Check(slow, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 100 * Millisecond, 0);
        Assert.False(refused.Admitted);
        Assert.Contains("reaches full power 2.15 s after the frequency", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("never", Admission.Check(slow with { RampWPerS = 0 }, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 0, 0).Reason, StringComparison.Ordinal);
    }
}
