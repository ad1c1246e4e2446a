using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer.Control;

/// <summary>How the utility misbehaves. Paths are without query.</summary>
public sealed class Faults
{
    private readonly ConcurrentDictionary<string, CannedReply> canned = new(StringComparer.Ordinal);

    /// <summary>Answers 500 to everything (ALL-23 presents an outage so); null = all is well.</summary>
    public int? Outage { get; set; }

    /// <summary>429 with this Retry-After; null = no limit.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>Requests to answer so; then <see cref="RetryAfter"/> and <see cref="Outage"/> end. Null = until told.</summary>
    public int? Times { get; set; }

    /// <summary>Paths served under another name: what is asked for → what is meant (SDVN-01).</summary>
    public ConcurrentDictionary<string, string> Proxies { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths that moved: status and Location.</summary>
    public ConcurrentDictionary<string, (int Status, string Location)> Redirects { get; } = new(StringComparer.Ordinal);

    /// <summary>Lists that count wrongly: all and results instead of the right ones.</summary>
    public ConcurrentDictionary<string, (string? All, string? Results)> Lies { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths whose hrefs and replyTos point to another host.</summary>
    public ConcurrentDictionary<string, string> ForeignHosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths answered by other bytes.</summary>
    public void Reply(string path, CannedReply reply) => canned[path] = reply;

    public void Clear()
    {
        (Outage, RetryAfter, Times) = (null, null, null);
        canned.Clear();
        Proxies.Clear();
        Redirects.Clear();
        Lies.Clear();
        ForeignHosts.Clear();
    }

    internal SimReply? Instead(SimRequest request)
    {
        if (RetryAfter is not null || Outage is not null)
        {
            var reply = RetryAfter is { } retry ? new SimReply(429) { RetryAfter = retry, Complaint = "too many requests" } : new SimReply(Outage!.Value) { Complaint = "outage" };
            if (Times is { } left && (Times = left - 1) <= 0)
            {
                (Outage, RetryAfter, Times) = (null, null, null);
            }

            return reply;
        }

        return canned.TryGetValue(request.Path, out var other) ? other.For(request)
            : Redirects.TryGetValue(request.Path, out var moved) ? new SimReply(moved.Status) { Location = moved.Location }
            : null;
    }

    internal string Meant(string path) => Proxies.GetValueOrDefault(path, path);

    internal SimReply Twist(SimRequest request, SimReply reply)
    {
        var lie = Lies.GetValueOrDefault(request.Path);
        if ((lie is (null, null) && !ForeignHosts.ContainsKey(request.Path)) || reply.Status != 200)
        {
            return reply;
        }

        var text = Encoding.UTF8.GetString(reply.Body.Span);
        text = lie.All is { } all ? First(text, "all", all) : text;
        text = lie.Results is { } results ? First(text, "results", results) : text;
        if (ForeignHosts.TryGetValue(request.Path, out var host))
        {
            text = text.Replace("href=\"/", $"href=\"{host}/", StringComparison.Ordinal).Replace("replyTo=\"/", $"replyTo=\"{host}/", StringComparison.Ordinal);
        }

        return reply with { Body = Encoding.UTF8.GetBytes(text) };
    }

    private static string First(string text, string attribute, string value) =>
        new Regex($"{attribute}=\"[0-9]+\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Replace(text, $"{attribute}=\"{value}\"", 1);
}
