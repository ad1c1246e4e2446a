using System.Text;
using System.Text.Json;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Evidence;

/// <summary>Who was told how much, and who gave it, as the log says.</summary>
public sealed class AssetDeliveryTests
{
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);

    [Fact]
    public void Minutes_of_several_segments_add_up_to_a_row_for_each_asset_and_step()
    {
        // The second segment knows another order of the assets; both hold a part of 12:14.
        byte[][] segments =
        [
            Segment(0, SegmentHead.NoHash, ["a", "b"], (0, [Row(0, 10, 9), Row(1, 5, null)]), (14, [Row(0, 1, 1)])),
            Segment(1, SegmentHead.NoHash, ["b", "a"], (14, [Row(1, 2, 2)]), (15, [Row(0, 3, 3), Row(AssetMinute.Rest, 100, null)])),
        ];
        var rows = AssetDeliveryRows.Build(segments, Names, new Interval(Noon, Noon + Duration.FromMinutes(30)), Duration.FromMinutes(15)).ToList();
        Assert.Equal([(0, "a"), (0, "b"), (15, "b"), (15, null)], rows.Select(r => ((int)(r.From - Noon).TotalMinutes, r.Asset)));
        Assert.Equal((13.0, 12.0, 13.0, 180, 180), (rows[0].Delivered.SetpointWh, rows[0].Delivered.MeasuredWh, rows[0].Delivered.SetpointMeasuredWh, rows[0].Delivered.SetpointSeconds, rows[0].Delivered.MeasuredSeconds));
        Assert.Equal((5.0, 0, MeterSource.None), (rows[1].Delivered.SetpointWh, rows[1].Delivered.MeasuredSeconds, rows[1].Delivered.Source));
        Assert.All(rows, r => Assert.Equal(Duration.FromMinutes(15), r.Until - r.From));

        // Of a shorter span, the minutes that begin in it.
        Assert.Equal(["b", null], AssetDeliveryRows.Build(segments, Names, new Interval(Noon + Duration.FromMinutes(15), Noon + Duration.FromMinutes(16)), Duration.FromMinutes(1)).Select(r => r.Asset));
        Assert.Empty(AssetDeliveryRows.Build(segments, Names, new Interval(Noon + Duration.FromMinutes(1), Noon + Duration.FromMinutes(14)), Duration.FromMinutes(1)));
    }

    [Fact]
    public void What_was_changed_is_found_and_not_read()
    {
        var segment = Segment(0, SegmentHead.NoHash, ["a"], (0, [Row(0, 10, 9)]), (1, [Row(0, 10, 9)]));
        Assert.Null(EvidenceVerifier.Segment(segment).Fault);

        // Another number in the last minute, just before the hash of 32 bytes.
        segment[^40] ^= 1;
        Assert.Equal(3, EvidenceVerifier.Segment(segment).Fault!.Record);
        Assert.Equal(Noon, Assert.Single(AssetDeliveryRows.Build([segment], Names, new Interval(Noon, Noon + Duration.FromHours(1)), Duration.FromMinutes(1))).From);
        Assert.False(AssetMinutes.TryRead(new byte[20], out _, out _));
        Assert.False(AssetMinutes.TryRead([.. AssetMinutes.Body(0, [Row(0, 1, 1)])[..10], 99, .. AssetMinutes.Body(0, [Row(0, 1, 1)])[11..]], out _, out _));
    }

    private static AssetMinute Row(int asset, double setpoint, double? measured) =>
        new(asset, setpoint, 60, measured ?? 0, measured is null ? 0 : setpoint, measured is null ? 0 : 60, measured is null ? MeterSource.None : MeterSource.Telemetry);

    private static IReadOnlyList<string> Names(ReadOnlyMemory<byte> settings) => JsonSerializer.Deserialize<string[]>(settings.Span)!;

    private static byte[] Segment(ulong number, string previous, string[] assets, params (int Minute, AssetMinute[] Rows)[] minutes)
    {
        var writer = new EvidenceWriter(new SegmentHead("default/a", number, Noon.ToUnixTimeTicks() * 100, 0, 1, previous, SegmentHead.ThisBuild));
        var (into, length) = (new byte[8_192], 0);
        length += writer.WriteHead(into);
        length += writer.Write(EvidenceKind.Settings, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(assets)), into.AsSpan(length));
        foreach (var (minute, rows) in minutes)
        {
            length += writer.Write(EvidenceKind.Assets, AssetMinutes.Body((Noon + Duration.FromMinutes(minute)).ToUnixTimeTicks() * 100, rows), into.AsSpan(length));
        }

        return into[..length];
    }
}
