using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests;

/// <summary>The service over HTTP, as an operator.</summary>
internal sealed class TariffsUnderTest : IAsyncDisposable
{
    private TariffsUnderTest(ServiceApp app)
    {
        App = app;
        Operator = app.Client(app.Tokens.Operator);
    }

    public ServiceApp App { get; }

    public HttpClient Operator { get; }

    public static async Task<TariffsUnderTest> StartAsync(TestStore? store = null, IClock? clock = null, params string[] arguments) =>
        new(await ServiceApp.StartAsync(args => TariffsApp.Build(args, clock), store, arguments));

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public async Task<JsonElement> PostAsync(string path, string json)
    {
        using var content = Json(json);
        using var answer = await Operator.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await OkAsync(answer);
    }

    public async Task<JsonElement> RefusedAsync(string path, string json, ErrorClass errorClass)
    {
        using var content = Json(json);
        using var answer = await Operator.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await ProblemAsync(answer, errorClass);
    }

    public static async Task<JsonElement> OkAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, ErrorClass errorClass)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.Content.Headers.ContentType is { MediaType: ProblemResult.MediaType }, $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}: {body}");
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal($"urn:gridservices:problem:{Problems.GetName(errorClass)}", problem.GetProperty("type").GetString());
        Assert.Equal((int)answer.StatusCode, problem.GetProperty("status").GetInt32());
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await App.DisposeAsync();
    }
}
