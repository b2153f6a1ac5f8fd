using System.Globalization;

namespace EntityImport.Bench.Compare.Results;

/// <summary>Computes <see cref="Measurement.Summary"/> of products that are read one after the other.</summary>
internal sealed class ProductSummary
{
    private readonly TextColumn _sku = new();
    private readonly TextColumn _name = new();
    private readonly TextColumn _category = new();
    private readonly NumberColumn _price = new();
    private readonly NumberColumn _discount = new();
    private readonly NumberColumn _stock = new();
    private readonly NumberColumn _weight = new();
    private readonly NumberColumn _addedOn = new();
    private readonly NumberColumn _updatedAt = new();

    /// <summary>Products added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a product.</summary>
    public void Add(string sku, string name, string category, decimal price, decimal discount, long? stock, decimal weight, DateTime addedOn, DateTime updatedAt)
    {
        Count++;
        _sku.Add(sku);
        _name.Add(name);
        _category.Add(category);
        _price.Add((long)(price * 100));
        _discount.Add((long)(discount * 10_000));
        if (stock is { } number) _stock.Add(number);
        _weight.Add((long)(weight * 1000));
        _addedOn.Add((addedOn - DateTime.UnixEpoch).Days);
        _updatedAt.Add((updatedAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Count}|{_sku}|{_name}|{_category}|{_price}|{_discount}|{_stock}|{_weight}|{_addedOn}|{_updatedAt}");

    private sealed class TextColumn
    {
        private long _count;
        private long _length;
        private string? _least;
        private string? _greatest;

        public void Add(string text)
        {
            _count++;
            _length += text.Length;
            if (_least is null || string.CompareOrdinal(text, _least) < 0) _least = text;
            if (_greatest is null || string.CompareOrdinal(text, _greatest) > 0) _greatest = text;
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_count}|{_length}|{_least}|{_greatest}");
    }

    private sealed class NumberColumn
    {
        private long _count;
        private long _sum;
        private long _least = long.MaxValue;
        private long _greatest = long.MinValue;

        public void Add(long number)
        {
            _count++;
            _sum += number;
            _least = Math.Min(_least, number);
            _greatest = Math.Max(_greatest, number);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_count}|{_sum}|{_least}|{_greatest}");
    }
}
