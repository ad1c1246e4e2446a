using System.Text.Json;
using GridServices.Operations.Json;

namespace GridServices.Operations.Service.SignIn;

/// <summary>How a user is written into the audit.</summary>
internal static class UserAudit
{
    internal static string ToJson(UserAccount user) => JsonSerializer.Serialize(user, OperationsJson.Options);
}
