namespace GridServices.UtilityClients.Tests.Tls;

/// <summary>With another tenant's key a tenant would speak to a utility as that one.</summary>
public sealed class TenantFilesTests
{
    [Theory]
    [InlineData("/keys/acme/ven.crt", true)]
    [InlineData("/keys/acme/roots/ca.pem", true)]
    [InlineData("/keys/other/ven.crt", false)]
    [InlineData("/keys/acme-2/ven.crt", false)]
    [InlineData("/keys/acme/../other/ven.crt", false)]
    [InlineData("/keys/acme", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("keys/acme/ven.crt", false)]
    [InlineData("", false)]
    public void A_tenant_names_files_of_its_own_folder_alone(string path, bool isTaken) =>
        Assert.Equal(isTaken, new CertificateFolderOptions { Folder = "/keys" }.ForTenant("acme").Refusal(path) is null);

    [Fact]
    public void Without_a_folder_one_tenant_alone_names_files()
    {
        Assert.Null(new CertificateFolderOptions().ForTenant("default").Refusal("/etc/grid/ven.crt"));
        Assert.Contains("Certificates:Folder", new CertificateFolderOptions().ForTenant("acme").Refusal("/etc/grid/ven.crt"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_a_full_path() => Assert.Single(new CertificateFolderOptions { Folder = "keys" }.Validate());
}
