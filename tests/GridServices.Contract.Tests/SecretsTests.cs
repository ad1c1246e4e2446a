using System.Collections;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Contract.Tests.Access;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GridServices.Contract.Tests;

/// <summary>
/// Every service with a marked value in every secret setting that its records have, everything logged that can be: no mark, no token and no webhook secret is in a
/// line of the log, a metric, a page or a refusal; and what the service wrote is its account's only.
/// </summary>
public sealed partial class SecretsTests
{
    public static TheoryData<string> Names => [.. ServiceEndpoints.Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_secret_is_in_a_log_line_a_metric_a_page_or_a_refusal_and_no_file_is_for_others(string service)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = TestStores.Create(Dialect.Sqlite);
        var marks = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] settings = [.. Secrets(service, place.Folder, marks)];
        var log = new CapturingLogger();
        await using var app = await ServiceApp.StartAsync(args => Listened(ServiceEndpoints.Services[service], args, log), place, [.. Loud, .. settings]);
        var ids = await AccessTests.HoldAsync(app, service);
        var said = new StringBuilder();
        using var client = AccessTests.Client(app, app.Tokens.Operator);
        foreach (var path in ServiceEndpoints.GetAll(app.App).Where(e => e.Method == "GET" && !e.Template.EndsWith("/stream", StringComparison.Ordinal) && e.Template != "/v1/feedback")
            .Select(e => ServiceEndpoints.BuildPath(e, "home", ids)).Concat(["/metrics", "/health/ready", "/health/live", "/openapi/v1.json", "/jobs", "/v1/nothing"]))
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, ct);
            said.AppendLine(answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? string.Empty : await answer.Content.ReadAsStringAsync(ct));
        }

        const string Wrong = "mark-of-a-wrong-token-4711";
        using (var stranger = AccessTests.Client(app, Wrong))
        {
            using var refused = await stranger.GetAsync(new Uri(ServiceEndpoints.BuildPath(ServiceEndpoints.GetAll(app.App)[0], "home", ids), UriKind.Relative), ct);
            said.AppendLine(await refused.Content.ReadAsStringAsync(ct));
        }

        (marks["a wrong token"], marks["the operator's token"], marks["the publisher's token"]) = (Wrong, app.Tokens.Operator, app.Tokens.Publisher);
        var lines = log.Lines;
        Assert.True(lines.Count > 50, $"only {lines.Count} lines were logged: is everything switched on?");
        Assert.DoesNotContain(marks, mark => said.ToString().Contains(mark.Value, StringComparison.Ordinal));
        Assert.Empty(from mark in marks from line in lines where line.Contains(mark.Value, StringComparison.Ordinal) select $"{mark.Key}: {line}");
        Assert.Empty(OpenToOthers(place.Folder));
    }

    [Fact]
    public void The_settings_that_are_secret_are_found()
    {
        var found = ServiceEndpoints.Services.Keys.SelectMany(service => Properties(service)).Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string>(["Hub:Token", "SignIn:OpenIdConnect:ClientSecret", "Services:OpenAdr:Token", "Services:OpenAdr:Tokens", "Tariffs:Token", "Protection:Keys"], StringComparer.Ordinal), found);
    }

    /// <summary>As arguments; beside them what makes the service use them.</summary>
    private static IEnumerable<string> Secrets(string service, string folder, Dictionary<string, string> marks)
    {
        foreach (var (key, type) in Properties(service))
        {
            var value = key == "Protection:Keys" ? Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) : $"mark-{key.Replace(':', '-')}-{RandomNumberGenerator.GetHexString(16)}";
            marks.Add(key, value);
            yield return $"--{key}{(type == typeof(string) ? string.Empty : ":other")}={value}";
        }

        if (marks.ContainsKey("SignIn:OpenIdConnect:ClientSecret"))
        {
            yield return "--SignIn:OpenIdConnect:Authority=https://127.0.0.1:9";
            yield return "--SignIn:OpenIdConnect:ClientId=console";
        }

        if (marks.ContainsKey("Hub:Token"))
        {
            yield return "--Hub:Url=http://127.0.0.1:9";
        }
    }

    /// <summary>Settings whose value is a secret itself; where a file holds it, the setting is called …File and its path may be told.</summary>
    private static IReadOnlyList<(string Key, Type Type)> Properties(string service)
    {
        using var app = (IDisposable)ServiceEndpoints.Services[service](["--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", "--Logging:LogLevel:Default=None"]);
        return [.. ((WebApplication)app).Services.GetServices<KnownSettings>().SelectMany(known => Walk(known.Type, known.Section))];
    }

    private static IEnumerable<(string Key, Type Type)> Walk(Type record, string at)
    {
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null))
        {
            var key = at.Length == 0 ? property.Name : $"{at}:{property.Name}";
            if (SecretName().IsMatch(property.Name) && (property.PropertyType == typeof(string) || typeof(IEnumerable).IsAssignableFrom(property.PropertyType)))
            {
                yield return (key, property.PropertyType);
            }
            else if (property.PropertyType is { IsClass: true, Namespace: { } space } && space.StartsWith("GridServices", StringComparison.Ordinal))
            {
                foreach (var inner in Walk(property.PropertyType, key))
                {
                    yield return inner;
                }
            }
        }
    }

    private static readonly string[] Loud =
    [
        "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft.AspNetCore=Trace", "--Logging:LogLevel:System.Net.Http.HttpClient=Trace", "--Logging:LogLevel:Hangfire=Trace",
        "--Logging:Console:LogLevel:Default=None", "--EnvelopeHub:SettleTime=00:00:00",
    ];

    private static WebApplication Listened(Func<string[], WebApplication> build, string[] args, CapturingLogger log)
    {
        var app = build(args);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        return app;
    }

    private static IEnumerable<string> OpenToOthers(string folder)
    {
        const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            {
                yield return $"{path} {File.GetUnixFileMode(path)}";
            }
        }
    }

    [GeneratedRegex("(Token|Tokens|Secret|Password|ApiKey)$|^Keys$", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex SecretName();
}
