using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Tests.Sample;
using Microsoft.IdentityModel.Tokens;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>Of what an issuer publishes, only public keys for signatures count.</summary>
public sealed class VerificationKeysTests
{
    private static readonly string Modulus = TestIssuer.Encoded([.. Enumerable.Repeat((byte)0xab, 256)]);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"use":"sig"}""", true)]
    [InlineData("""{"key_ops":["verify"]}""", true)]
    [InlineData("""{"use":"enc"}""", false)]
    [InlineData("""{"key_ops":["encrypt"]}""", false)]
    [InlineData("""{"d":"AQAB"}""", false)]
    [InlineData("""{"p":"AQAB"}""", false)]
    [InlineData("""{"n":"AQAB"}""", false)]
    [InlineData("""{"kty":"oct","k":"AQAB"}""", false)]
    public void A_key_counts_where_it_verifies_and_nothing_of_its_private_half_is_published(string more, bool counts)
    {
        var key = new JsonObject { ["kty"] = "RSA", ["n"] = Modulus, ["e"] = "AQAB" };
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
        {
            key[name] = value?.DeepClone();
        }

        var set = new JsonWebKeySet(new JsonObject { ["keys"] = new JsonArray(key) }.ToJsonString());
        if (counts)
        {
            Assert.Single(VerificationKeys.Select(set));
        }
        else
        {
            Assert.Throws<IssuerAwayException>(() => VerificationKeys.Select(set));
        }
    }
}
