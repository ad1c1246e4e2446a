using GridServices.Hosting;
using GridServices.Operations.Service;

return await GridService.RunAsync(args, OperationsApp.Build);
