using GridServices.Testing;
using System.Text;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>What a hostile body may cost. The memory of the whole process is measured.</summary>
[Collection(Alone.Name)]
public sealed class BodyAllocationTests
{
    [Theory]
    [InlineData("[0,", "0]", 8_000_000)]
    [InlineData("{\"a\":[0,", "0]}", 8_000_000)]
    public async Task A_body_of_millions_of_tiny_values_is_refused_before_anything_is_built_of_it(string head, string tail, int bytes)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Publisher;
        var body = new StringBuilder(head, bytes + 100).Insert(head.Length, "0,", bytes / 2).Append(tail).ToString();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(Encoding.UTF8.GetBytes(body), CloudEventTypes.BatchMediaType));
        await HubUnderTest.DemandProblemAsync(answer, ErrorClass.LimitCount);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 20L * bytes, "a document of it would take many times its bytes");
    }
}
