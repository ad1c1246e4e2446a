using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>What was signed for one VEN is taken by no other of the process.</summary>
public sealed class SignerNoncesTests
{
    private static readonly Duration Window = Duration.FromMinutes(5);
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private readonly SignerNonces _nonces = new();

    [Fact]
    public void Another_ven_is_refused_and_the_same_one_is_not_for_its_own_memory_decides()
    {
        var stamp = new SignatureStamp(Now, "nonce-0001");
        Assert.Null(Refusal("A", stamp, "default/a"));
        Assert.Contains("by another VEN", Refusal("A", stamp, "default/b"), StringComparison.Ordinal);
        Assert.Contains("by another VEN", Refusal("A", stamp, "other/a"), StringComparison.Ordinal);
        Assert.Null(Refusal("A", stamp, "default/a"));

        // Another signer's nonces are its own.
        Assert.Null(Refusal("B", stamp, "default/b"));
    }

    [Fact]
    public void A_nonce_is_kept_as_long_as_any_ven_would_take_its_message()
    {
        var (stamp, wide) = (new SignatureStamp(Now, "nonce-0001"), Window * 4);
        Assert.Null(Refusal("A", stamp, "a"));
        Assert.Null(Refusal("A", new SignatureStamp(Now, "nonce-0002"), "b", window: wide));
        Assert.NotNull(Refusal("A", stamp, "b", Now + Window + Window, wide));
        Assert.NotNull(Refusal("A", stamp, "b", Now + wide, wide));
        Assert.Null(Refusal("A", stamp, "b", Now + wide + Duration.FromSeconds(1), wide));
    }

    [Fact]
    public void One_ven_can_fill_its_own_share_only_and_has_it_back_when_its_messages_are_old()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Assert.Null(Refusal("A", new SignatureStamp(Now, $"nonce-{i}"), "a"));
        }

        Assert.Contains("are not kept", Refusal("A", new SignatureStamp(Now, "nonce-more"), "a"), StringComparison.Ordinal);
        Assert.Null(Refusal("A", new SignatureStamp(Now, "nonce-more"), "b"));
        var later = Now + Window + Duration.FromSeconds(1);
        Assert.Null(Refusal("A", new SignatureStamp(later, "nonce-0"), "a", later));
    }

    [Fact]
    public void A_wider_window_of_another_ven_takes_nothing_of_ones_share()
    {
        Assert.Null(Refusal("A", new SignatureStamp(Now, "nonce-wide"), "wide", window: Window * 12));
        for (var i = 0; i < 20_000; i++)
        {
            Assert.Null(Refusal("A", new SignatureStamp(Now, $"nonce-{i}"), "a"));
        }

        var later = Now + Window + Duration.FromSeconds(1);
        Assert.Null(Refusal("A", new SignatureStamp(later, "nonce-later"), "a", later));
        Assert.NotNull(Refusal("A", new SignatureStamp(Now, "nonce-0"), "wide", later, Window * 12));

        // A window that was narrowed keeps nobody's nonces any longer.
        Assert.Null(Refusal("A", new SignatureStamp(later, "nonce-narrow"), "wide", later));
        Assert.Null(Refusal("A", new SignatureStamp(Now, "nonce-0"), "wide", later));
    }

    private string? Refusal(string signer, SignatureStamp stamp, string receiver, Instant? now = null, Duration? window = null) =>
        _nonces.Refusal(signer, stamp, receiver, window ?? Window, now ?? Now);
}
