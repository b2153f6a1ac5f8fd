using EntityImport.Server.Tests;

[assembly: AssemblyFixture(typeof(TestServer))]
