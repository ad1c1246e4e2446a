using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Codec;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Messages;

/// <summary>Messages stand in stored state: owed ones, and events.</summary>
public sealed class JsonTests
{
    private static readonly JsonSerializerOptions Options = new(ContractJson.Options)
    {
        // Absent members of a message are null: a stored state says nothing of them.
        RespectRequiredConstructorParameters = false,
        Converters = { new PeriodJsonConverter() },
    };

    [Theory]
    [MemberData(nameof(SchemaTests.Messages), MemberType = typeof(SchemaTests))]
    public void Every_message_is_stored_and_read_back_equal(Type type, Fill fill)
    {
        var message = new Specimens(fill).Message(type);
        var json = JsonSerializer.Serialize(message, Options);
        Assert.Equal(message, JsonSerializer.Deserialize<OadrMessage>(json, Options));
    }

    [Fact]
    public void The_name_of_a_message_is_that_of_its_element() =>
        Assert.All(Specimens.MessageTypes, t =>
        {
            var message = new Specimens(Fill.Nothing).Message(t);
            Assert.Contains($"<oadr:{message.Name} ", System.Text.Encoding.UTF8.GetString(OadrXml.Write(message)), StringComparison.Ordinal);
        });
}
