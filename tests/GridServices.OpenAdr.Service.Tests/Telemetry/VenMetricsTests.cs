using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire.Engine;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Telemetry;

/// <summary>What an operator's alarm goes by: VENs that a fault of our own holds up, and signed messages that come again.</summary>
public sealed class VenMetricsTests : IDisposable
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SignerNonces _nonces = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _read = new(StringComparer.Ordinal);
    private readonly VenMetrics _metrics;

    public VenMetricsTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
        _metrics = new VenMetrics(factory, _nonces);
    }

    [Fact]
    public void A_ven_with_an_internal_fault_and_one_that_can_not_be_read_are_counted()
    {
        VenView[] vens = [View("a"), View("b") with { Faulted = true }];
        _metrics.Watch(() => vens, () => 3, () => []);
        _listener.RecordObservableInstruments();
        Assert.Equal((2, 1, 3), (_read["openadr.vens"], _read["openadr.vens.faulted"], _read["openadr.vens.unreadable"]));
    }

    [Fact]
    public void Replays_are_counted_by_reason_and_those_of_another_ven_besides()
    {
        var stamp = new SignatureStamp(Now, "nonce-0001");
        Assert.Null(_nonces.Refusal("A", stamp, "default/a", Duration.FromMinutes(5), Now));
        Assert.NotNull(_nonces.Refusal("A", stamp, "default/b", Duration.FromMinutes(5), Now));
        _metrics.Noted(
        [
            new(NoteLevel.Warning, NoteKind.MessageRefused, ErrorClass.ReplayNonce, null, "again"),
            new(NoteLevel.Warning, NoteKind.MessageRefused, ErrorClass.ReplayWindow, null, "old"),
            new(NoteLevel.Warning, NoteKind.MessageRefused, ErrorClass.AuthnUnsigned, null, "unsigned"),
        ]);
        _listener.RecordObservableInstruments();
        Assert.Equal((1, 1, 1), (_read["openadr.replays nonce"], _read["openadr.replays window"], _read["openadr.replays.elsewhere"]));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _read[tags is [var tag, ..] ? $"{instrument.Name} {tag.Value}" : instrument.Name] = value;

    private static VenView View(string key)
    {
        var config = new VenConfig { VtnUrl = "http://vtn.example/OpenADR2/Simple/2.0b", VenName = key, SiteId = key, Programs = [] };
        return new VenView { Id = new("default", key), Config = config, State = VenState.Initial, Since = Now };
    }
}
