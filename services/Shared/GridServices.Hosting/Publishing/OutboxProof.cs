using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>Whether an item of the outbox is what was put into it.</summary>
internal static class OutboxProof
{
    internal static Problem Damaged { get; } = Problems.Create(
        ErrorClass.Internal, "The item's content was changed in the store after it was written, so it was not sent. State the stream again, and check the disk.");

    internal static string Compute(string siteId, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(siteId));
        hash.AppendData([0]);
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
