using System.Text;
using System.Text.Json.Nodes;
using NodaTime;

namespace GridServices.Contracts.Tests;

/// <summary>One envelope with everything in it, as JSON and as a record, to be varied by the tests.</summary>
internal static class Sample
{
    public static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    public const string Event = """
        {
          "specversion": "1.0", "id": "0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4d", "source": "/gridservices/openadr/1",
          "type": "gridservices.envelope.published.v1", "subject": "tenants/default/sites/site-1", "time": "2027-01-15T17:59:58.5Z",
          "datacontenttype": "application/json",
          "data": {
            "envelopeId": "0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4e", "revision": 3, "siteId": "site-1",
            "target": { "kind": "site", "id": "site-1" }, "stream": { "service": "openadr", "key": "PROG7" },
            "tier": "contractual", "obligation": "mandatory",
            "segments": [
              { "from": "2027-01-15T18:00:00Z", "until": "2027-01-15T19:00:00Z", "limits": { "importLimitW": 60000 },
                "cause": { "eventId": "e17", "modification": 2, "priority": 1, "randomizedByS": -30, "testEvent": false, "receivedAt": "2027-01-15T17:00:00Z",
                           "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }, "bridged": true },
              { "from": "2027-01-15T19:00:00Z", "until": null,
                "limits": { "importLimitW": 30000, "exportLimitW": 0, "chargeLimitW": 1, "dischargeLimitW": 2, "generationLimitW": 3, "loadLimitW": 4,
                            "perPhase": { "L1": { "importLimitA": 16.5, "exportLimitA": 0 }, "L3": { "importLimitA": 10 } }, "connect": true, "energize": false } } ],
            "targets": [
              { "from": "2027-01-15T18:00:00Z", "until": "2027-01-15T18:30:00Z", "targetW": -5000 },
              { "from": "2027-01-15T18:30:00Z", "droop": [ { "hz": 49.8, "w": -10000 }, { "hz": 50.2, "w": 10000 } ], "cause": { "eventId": "ffr" } } ],
            "default": { "limits": { "importLimitW": 90000 } },
            "failsafe": { "staleAfter": "PT2M", "onStale": "failsafe", "limits": { "importLimitW": 20000 }, "minDuration": "PT2H" },
            "provenance": { "protocol": "OpenADR 2.0b", "authority": "VTN-1", "program": "http://utility.example/dr" }
          }
        }
        """;

    public const string Withdrawal = """
        {
          "specversion": "1.0", "id": "w1", "source": "/gridservices/openadr/1", "type": "gridservices.envelope.withdrawn.v1",
          "subject": "tenants/default/sites/site-1", "time": "2027-01-15T20:00:00Z",
          "data": { "siteId": "site-1", "target": { "kind": "site", "id": "site-1" }, "stream": { "service": "openadr", "key": "PROG7" },
                    "revision": 4, "reason": "the program ended" }
        }
        """;

    public const string Prices = """
        {
          "specversion": "1.0", "id": "p1", "source": "/gridservices/openadr/1", "type": "gridservices.prices.published.v1",
          "subject": "tenants/default/sites/site-1", "time": "2027-01-15T20:00:00Z",
          "data": { "seriesId": "0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4f", "revision": 1, "siteId": "site-1", "stream": { "service": "openadr", "key": "PROG7" },
                    "currency": "EUR", "unit": "kWh",
                    "segments": [ { "from": "2027-01-15T18:00:00Z", "until": "2027-01-15T19:00:00Z", "importPrice": 0.3125, "exportPrice": -0.01 } ],
                    "provenance": { "protocol": "OpenADR 2.0b", "authority": "VTN-1" } }
        }
        """;

    public static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>The event with one member set (raw JSON) or, with null, removed. Path as in a JSON Pointer.</summary>
    public static string With(string json, string pointer, string? raw)
    {
        var root = JsonNode.Parse(json)!;
        var parts = pointer.Split('/')[1..];
        var at = parts[..^1].Aggregate(root, (node, part) => node is JsonArray array ? array[int.Parse(part)]! : node[part]!);
        const string Mark = "\"@@\"";
        switch (at)
        {
            case JsonArray array:
                array[int.Parse(parts[^1])] = "@@";
                break;
            case JsonObject o when raw is null:
                o.Remove(parts[^1]);
                break;
            default:
                at[parts[^1]] = "@@";
                break;
        }

        return root.ToJsonString().Replace(Mark, raw, StringComparison.Ordinal);
    }

    public static Envelope Envelope() => ((EnvelopePublished)EnvelopeReader.ReadPublication(Utf8(Event)).Items[0].Value!).Envelope;

    public static Envelope Envelope(string key, Tier tier, params Segment[] segments) => new()
    {
        EnvelopeId = CreateId(key, 1),
        Revision = 1,
        SiteId = "site-1",
        Target = new EnvelopeTarget(TargetKind.Site, "site-1"),
        Stream = new StreamId("test", key),
        Tier = tier,
        Obligation = Obligation.Mandatory,
        Segments = segments,
        Provenance = new Provenance { Protocol = "test", Authority = "test" },
    };

    /// <summary>A segment over whole hours after <see cref="Start"/>; null = no end.</summary>
    public static Segment Segment(int from, int? until, Limits limits) => new() { From = Hour(from), Until = until is { } end ? Hour(end) : null, Limits = limits };

    public static Instant Hour(int hours) => Start + Duration.FromHours(hours);

    public static Guid CreateId(string key, long revision)
    {
        var bytes = new byte[16];
        Encoding.ASCII.GetBytes($"{key}.{revision}").AsSpan().CopyTo(bytes);
        return new Guid(bytes);
    }
}
