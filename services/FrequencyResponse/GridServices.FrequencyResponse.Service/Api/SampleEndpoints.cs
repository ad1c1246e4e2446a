using GridServices.Contracts;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Sources;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Samples over HTTP, for meters that bring a few a second at most.</summary>
internal static class SampleEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;
    private const int MostLines = 20_000;
    private const string Lines = "application/x-ndjson";

    public static void MapSamples(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/samples", PostAsync)
        .RequirePermission(Permission.Control, Role.Publisher).WithTags("Sources").RepeatsHarmlessly().WithName("postSamples")
        .WithSummary("One sample, or several as JSON lines")
        .WithDescription(
            "{\"ts\":\"2027-01-15T18:00:00.1Z\",\"hz\":49.98,\"src\":\"meter-1\",\"rocof\":-0.1,\"voltage\":1.01}: src is a source of kind http; ts, rocof (Hz/s) and voltage "
            + "(share of nominal) may be absent. As application/json one, as application/x-ndjson one per line, oldest first. Each line stands for itself: "
            + "what is no sample is refused and named, and never becomes a number. Whether a sample may drive power is decided by the pools; see their state.")
        .Accepts<SampleBody>("application/json", Lines).Produces<SamplesAnswer>().Refuses(ErrorClass.AuthzSource, ErrorClass.QualityRange);

    private static async Task<IResult> PostAsync(HttpContext http, PoolHost host, MonotonicClock clock)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, "application/json", Lines);
        var received = clock.Nanos;
        var single = !string.Equals(http.Request.ContentType?.Split(';')[0].Trim(), Lines, StringComparison.OrdinalIgnoreCase);
        var tally = new Tally(host, http.Caller().Tenant, received);
        foreach (var line in single ? [body] : Split(body))
        {
            tally.Process(line);
        }

        tally.End();
        return single && tally.Refused.Count > 0
            ? ProblemResult.Create(Problems.Create(tally.Refused[0].Class, tally.Refused[0].Detail))
            : Results.Ok(new SamplesAnswer(tally.Accepted, [.. tally.Refused.Select(r => new RefusedLine(r.Line, Problems.GetName(r.Class), r.Detail))], tally.RefusedCount));
    }

    /// <exception cref="ProblemException">Too many lines.</exception>
    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (body.Length > 0)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.Trim((byte)'\r').Length > 0)
            {
                lines.Add(line);
            }

            if (lines.Count > MostLines)
            {
                throw new ProblemException(ErrorClass.LimitCount, $"More than {MostLines} lines; send the rest in further requests.");
            }
        }

        return lines;
    }

    /// <summary>Hands lines on as they are read, one behind, so that of a backlog the newest alone is acted on.</summary>
    private sealed class Tally(PoolHost host, string tenant, long received)
    {
        private const int MostNamed = 100;
        private const double LeastHz = 45;
        private const double MostHz = 65;
        private (HttpSource Source, FrequencySample Sample)? _held;
        private int _line;

        public int Accepted { get; private set; }

        public int RefusedCount { get; private set; }

        public List<(int Line, ErrorClass Class, string Detail)> Refused { get; } = [];

        public void Process(ReadOnlyMemory<byte> text)
        {
            _line++;
            if (SampleLine.Read(text, out var fault) is not { } line)
            {
                Refuse(fault!.Class, $"not a sample like {{\"ts\":\"2027-01-15T18:00:00.1Z\",\"hz\":49.98,\"src\":\"meter-1\"}}: {fault.Pointer} {fault.Detail}");
            }
            else if (!Identifiers.IsSafe(line.Source) || host.Source(new EntryId(tenant, line.Source)) is not HttpSource source)
            {
                Refuse(ErrorClass.AuthzSource, $"'{SafeText.Line(line.Source)}' is no source of kind http; PUT /v1/sources/{{sourceId}} makes one");
            }
            else
            {
                // It still reaches the pools, where a dead meter silences its source at once.
                var plausible = line.Hz is >= LeastHz and <= MostHz;
                if (!plausible)
                {
                    Refuse(ErrorClass.QualityRange, $"{line.Hz} Hz is no frequency of a grid (45 to 65 Hz)");
                }

                Flush(more: _held?.Source == source);
                _held = (source, new FrequencySample(line.Hz, line.RocofHzPerS, line.VoltagePu, received, line.SourceUnixNanos, SampleQuality.Good, 0));
                Accepted += plausible ? 1 : 0;
            }
        }

        public void End() => Flush(more: false);

        private void Flush(bool more)
        {
            if (_held is var (source, sample))
            {
                source.Process(sample, more);
            }
        }

        private void Refuse(ErrorClass kind, string detail)
        {
            RefusedCount++;
            if (Refused.Count < MostNamed)
            {
                Refused.Add((_line, kind, detail));
            }
        }
    }
}

/// <summary>A sample, for the description of the API.</summary>
/// <param name="Hz">Frequency, Hz.</param>
/// <param name="Src">A source of kind http.</param>
/// <param name="Ts">When it was measured, RFC 3339; absent = when it arrives.</param>
/// <param name="Rocof">Rate of change, Hz/s.</param>
/// <param name="Voltage">Share of the nominal voltage.</param>
public sealed record SampleBody(double Hz, string Src, string? Ts = null, double? Rocof = null, double? Voltage = null);

/// <summary>What became of the lines.</summary>
/// <param name="Accepted">Handed to the pools.</param>
/// <param name="Refused">The first hundred that were no samples.</param>
/// <param name="RefusedCount">How many were none.</param>
public sealed record SamplesAnswer(int Accepted, IReadOnlyList<RefusedLine> Refused, int RefusedCount);

/// <summary>A line that is no sample.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Class">The error class.</param>
/// <param name="Detail">What is wrong, and how to fix it.</param>
public sealed record RefusedLine(int Line, string Class, string Detail);
