using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Service.Invoices;

namespace GridServices.Tariffs.Service.Tests.Invoices;

public sealed class InvoiceRowTests
{
    [Fact]
    public void A_document_whose_digits_changed_on_the_disk_is_not_given_out()
    {
        var row = new InvoiceRow { InvoiceId = "i", Content = """{"payable":"20"}""", Hash = InvoiceRow.ComputeHash("""{"payable":"10"}""") };
        Assert.Equal(ErrorClass.Unavailable, Assert.Throws<ProblemException>(() => row.Document).Class);
    }
}
