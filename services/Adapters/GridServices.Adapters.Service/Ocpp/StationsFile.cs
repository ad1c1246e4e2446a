using System.Text.Json;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>
/// Keeps over restarts what each station may be doing, so that one which is away at the start does not count with all it can draw. Written before anything else is sent.
/// A station whose settings have changed since is as good as unknown, and so is one that is reached by another system, or told by another profile: an old one of a higher level would still hold.
/// </summary>
/// <param name="path">Null: nothing is kept.</param>
/// <param name="target">Who is told, and by which profile.</param>
internal sealed class StationsFile(string? path, KeptAt target)
{
    private static readonly long LatestSecond = Instant.MaxValue.ToUnixTimeSeconds();

    private List<KeptStation> _left = [];

    /// <summary>The stations that it keeps although they are not among those read: they still hold what we told them last.</summary>
    public IReadOnlyList<LeftStation> Left => [.. _left.Select(k => new LeftStation(k.Station.Id, k.At))];

    private sealed record KeptStation(ChargingStation Station, KeptAt? At, long HeldNumber, IReadOnlyList<KeptPoint>? Held, IReadOnlyList<KeptOffer> Offers);

    private sealed record KeptOffer(long Number, IReadOnlyList<KeptPoint> Curve, bool IsMerged = false);

    private sealed record KeptPoint(long UnixSeconds, long Watts);

    /// <summary>What is known of the stations; nothing where there is no file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public IReadOnlyList<StationRecord> Read(IReadOnlyList<ChargingStation> stations)
    {
        var kept = path is not null && File.Exists(path) ? Parse(File.ReadAllBytes(path)) : [];
        _left = [.. kept.Where(k => stations.All(s => !string.Equals(s.Id, k.Station.Id, StringComparison.Ordinal)))];
        return [.. stations.Select(s => kept.FirstOrDefault(k => k.At == target && k.Station with { Weight = s.Weight } == s) is { } known ? Record(s, known) : new StationRecord(s))];
    }

    /// <summary>What these of <see cref="Left"/> hold nobody knows from the next <see cref="Write"/> on: their profiles are about to be cleared.</summary>
    public void Doubt(IReadOnlyCollection<string> stations) =>
        _left = [.. _left.Select(k => stations.Contains(k.Station.Id, StringComparer.Ordinal) ? k with { HeldNumber = -1, Held = null, Offers = [] } : k)];

    /// <summary>One of <see cref="Left"/> holds nothing of ours any more.</summary>
    public void Forget(string station) => _left.RemoveAll(k => k.Station.Id == station);

    /// <summary>On disk when it returns.</summary>
    /// <exception cref="IOException">It can't be written: nothing may be sent.</exception>
    public void Write(IEnumerable<StationRecord> records)
    {
        if (path is null)
        {
            return;
        }

        var beside = path + ".new";
        using (var stream = File.Create(beside))
        {
            JsonSerializer.Serialize(stream, records.Select(ToKept).Concat(_left));
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    private KeptStation ToKept(StationRecord record) => new(
        record.Station, target, record.HeldNumber, record.Held is { } held ? Points(held) : null, [.. record.Offers.Select(o => new KeptOffer(o.Number, Points(o.Curve), o.IsMerged))]);

    private List<KeptStation> Parse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<List<KeptStation>>(bytes) is { } read && read.All(IsWhole) && read.DistinctBy(k => k.Station.Id).Count() == read.Count
                ? read
                : throw new JsonException("something in it is missing, twice or out of range");
        }
        catch (JsonException unread)
        {
            throw new InvalidDataException($"{path} does not say what the stations hold ({unread.Message.TrimEnd('.')})", unread);
        }
    }

    private static bool IsWhole(KeptStation kept) =>
        kept is { Station.Id: not null, HeldNumber: >= -1, Offers: not null } && (kept.Held is null || IsCurve(kept.Held)) && kept.Offers.All(o => o is { Number: >= 0 } && IsCurve(o.Curve));

    private static bool IsCurve(IReadOnlyList<KeptPoint>? points) => points is { Count: > 0 } && points.All(p => p is { Watts: >= 0 } && p.UnixSeconds >= 0 && p.UnixSeconds <= LatestSecond);

    private static StationRecord Record(ChargingStation station, KeptStation kept) => new(station)
    {
        Held = kept.Held is { } held ? Curve(held) : null,
        HeldNumber = kept.HeldNumber,
        Offers = [.. kept.Offers.Select(o => new StationOffer(o.Number, Curve(o.Curve), o.IsMerged))],
    };

    private static List<KeptPoint> Points(PowerCurve curve) => [.. curve.Points.Select(p => new KeptPoint(p.From.ToUnixTimeSeconds(), p.Watts))];

    private static PowerCurve Curve(IReadOnlyList<KeptPoint> points) =>
        PowerCurve.Create(points.Select(p => Instant.FromUnixTimeSeconds(p.UnixSeconds)), at => points.Last(p => p.UnixSeconds == at.ToUnixTimeSeconds()).Watts);
}
