namespace EntityImport.Core.Tests.Encodings;

/// <summary>Words as they stand in files of products, customers and places, by language, with the encodings that files in that language come in.</summary>
internal static class LanguageTexts
{
    public static readonly (string Language, string[] Encodings, string Words)[] All =
    [
        ("German", ["windows-1252", "ISO-8859-15", "macintosh", "IBM850", "IBM437", "windows-1250"], """
            Überweisung Bäckerei Frühstück Gummibärchen Kürbis Würstchen Brötchen Möhren Spargelköpfe Weißbrot Süßigkeiten Fußmatte Straßenkarte Türgriff Schraubenschlüssel Kühlschrank Geschirrspüler
            Wäschetrockner Bügeleisen Föhn Rührgerät Lötkolben Säge Bohrfutterschlüssel Dübel Hängeregal Spülmittel Nähmaschine Gürtel Mütze Strümpfe Anhänger Glühbirne Wörterbuch Bücherregal Weingläser
            Göttingen Nürnberg Lübeck Würzburg Tübingen Osnabrück Saarbrücken Gießen Preußen Thüringen Müller Böhm Krämer Schütz Jürgen Günther Käthe Björn Grünwald Höfer Strauß Weiß Händler Auflösung Größenangabe
            Lösung Verfügung Zurückgegeben Ungeöffnet Geändert Bestätigt Abhängig Empfänger Länderkürzel Maßeinheit Kälte Öfen Äpfel Übergröße Ärmel Ösen fünf zwölf dreißig Körbe Zähler Stück Röhre Büro
            """),
        ("French", ["windows-1252", "ISO-8859-15", "macintosh", "IBM850"], """
            Fenêtre Lumière Étagère Chaîne Clé Marché Épicerie Boîte Bâton Poêle Râpe Crêpe Pêche Mûre Châtaigne Abricot séché Thé Café Crème Pâtisserie Béarnaise Rémoulade Légumes Céréales Œufs Bœuf Agneau rôti
            Poulet grillé Maïs Canapé Commode cirée Lampe dorée Câble Téléviseur Écran Téléphone Caméra Équerre Tôle Vérin Clôture Échelle Meuleuse Ponçage Façade Français Façonnage Reçu Déçu Garçonnet Leçon
            Sévigné Frédéric Hélène Jérôme Zoë Noël Gaël Raphaël Benoît Agnès Thérèse Béziers Nîmes Évreux Orléans Saint-Étienne Grenoble Bègles Périgueux Angoulême Mâcon Vénissieux Créteil Besançon Alençon
            Qualité Unité Référencé Payé Annulé Expédié Livré Retourné Détérioré Rémunération Intérêt Développé Systèmes Modèles Séries Numérique Électricité Ménager Été Hiver Août Décembre Février Très Après
            """),
        ("Spanish", ["windows-1252", "ISO-8859-1", "macintosh", "IBM850"], """
            Cañería Montaña Castaño Piña Albañil Peña Niñas Baños Leña Caña Señal Compañía Diseño Tamaño Puño Otoño Estaño Muñeca Pañuelo Araña Cerámicas Básculas Lámparas Máquinas Cámaras Plásticos Metálico
            Eléctricas Mecánica Química Orgánicos Telefonía Librería Carnicería Panadería Zapatería Joyería Relojería Tubería Jardinería Ferretería Camión Cajón Sillón Colchón Balón Botón Cartón Jamón Melocotón
            Salchichón Atún Azúcar Plátano Brócoli Champiñón Espárrago Maíz Café Té Álvarez Domínguez Vázquez Ramírez Suárez Méndez Cortés Íñigo Andrés Inés Sofía Lucía Raúl Jesús Ángel Mérida Cáceres Jaén
            Logroño Alcalá Gijón Avilés Bogotá Asunción Perú Pingüino Cigüeña Vergüenza Núm Código Público Crédito Débito Envío Devolución Recepción Facturación Depósito Préstamo Última Página Título Índice
            """),
        ("Portuguese", ["windows-1252", "ISO-8859-1", "IBM850"], """
            Feijão Macarrão Camarão Salmão Mamão Melão Requeijão Salsichão Pimentão Limões Pães Corações Balões Caminhões Botões Cartões Aviões Leitões Açaí Maracujá Guaraná Café Chá Pêssego Pêra Côco Avó Lençóis
            Colchão Fogão Secador Sofá Cômoda Armário Relógio Bússola Câmera Máquinas Lâmpadas Ferramentas elétricas Serviços Peças Maçaneta Braçadeira Laço Caçarola Espaço Preços Praça Graça Conceição Assunção
            João Sebastião Simão Estêvão Antônio António Inês Luís Mário Márcia Cláudia Patrícia Flávio Fábio Sérgio Évora Setúbal Guimarães Bragança Leça Covilhã Viseu Açores Maceió Niterói São Luís Belém Cuiabá
            Situação Devolução Promoção Alteração Emissão Endereço Município País Região Última Código Número Página Título Índice Crédito Débito Família Comércio Série Água Óleo Pó Sabão Sabonetes Higiênico
            """),
        ("Italian", ["windows-1252", "ISO-8859-1", "macintosh"], """
            Qualità Quantità Unità Città Età Novità Caffè Tè Perché Poiché Giù Più Già Però Così Lunedì Martedì Venerdì È Può Sarà Verrà Metà Papà Bontà Università Proprietà Attività Comunità Società Capacità
            Velocità Umidità Densità Intensità Elettricità Pubblicità Disponibilità Modalità Varietà Priorità Identità Libertà Verità Virtù Tribù Menù Ragù Bambù Gesù Comò Oblò Falò Però Ciò Purè Bignè Lacchè Canapè
            Cioè Mercé Né Sé Affinché Nicolò Forlì Cefalù Niccolò Viceré Mansardà Metropoli Ventitré Trentatré Rondò Casinò Dovrà Potrà Farà Darà Dirà Avrà Finì Partì Sentì Cantò Portò Lasciò Trovò
            """),
        ("Swedish", ["windows-1252", "ISO-8859-1", "macintosh", "IBM850"], """
            Hårtork Dammsugarpåse Stekpanna Gräsklippare Häcksax Såg Skruvmejsel Släpvagn Däck Fälg Bälte Tröja Kjol Skärp Strumpbyxor Mössa Vante Kökshandduk Lök Morötter Rödbetor Kål Ärtor Bönor Påron Äpple Körsbär
            Hallon Jordnötter Mandelmassa Knäckebröd Filmjölk Grädde Ägg Köttfärs Sötsaker Läsk Öl Björk Tändstickor Sänglampa Bokhylla Skåp Låda Dörr Fönster Tak Golvlist Målarfärg Pensel Gångjärn Nyckelhål
            Sjöberg Åkesson Öberg Söderlund Lindström Sjögren Holmgård Bergström Ängelholm Skövde Växjö Östersund Södertälje Lidingö Hässleholm Kungälv Åre Mölndal Härnösand Ängsö Återbetalning Förfallodag
            Beställd Utförd Såld Åtgärd Översikt Följesedel Företag Försändelse Mängdrabatt Årlig Månad Vår Höst Lördag Söndag Två Åtta Nä
            """),
        ("Danish", ["windows-1252", "ISO-8859-1", "IBM850", "macintosh"], """
            Græskar Rødbede Løg Grøntsager Jordbær Blåbær Hindbær Rugbrød Fløde Smørrebrød Kød Svinekød Pålæg Pølse Øl Sødmælk Æblejuice Køkkenbord Køleskab Tørretumbler Støvsuger Strygebræt Håndklæde Sengetøj Gulvtæppe Lænestol
            Spånplade Søm Skruetrækker Værktøjskasse Rør Hængsel Dørhåndtag Malerbørste Hækkesaks Græsslåmaskine Påhængsvogn Dæk Fælg Bælte Strømper Trøje Håndværker Bødker Sværd Søgaard Højgaard Østergaard Bøgh Kjær Grønbech Ågård
            Hillerød Køge Næstved Holbæk Sønderborg Haderslev Hjørring Brønderslev Frederikshavn Tårnby Lyngby-Tårbæk Øster Sæby Bestående Udført Afhængig Forårspris Tilføjet Måneder Lørdag Søndag Årligt Beløb Fælles Når Små Også Først Både Få
            """),
        ("Finnish", ["windows-1252", "ISO-8859-15"], """
            Pölynimuri Jääkaappi Hylly Pöytälamppu Tyynyliina Pyyhe Mäntylauta Sänky Kenkä Käsineet Päähine Hämähäkki Lääke Käsisaippua Hedelmä Päärynät Kärkikolmio Näkkileipä Jäätelöä Mehiläinen Älypuhelin Näyttöruutu Säiliö
            Tiiviste Pyörä Perävaunu Sähköjohto Ämpäri Säppi Järvinen Mäkelä Hämäläinen Lehtimäki Väisänen Hyvönen Pöyhönen Töölö Jyväskylä Äänekoski Sääksmäki Hyvinkää Mikkelissä Päivitetty Myöhemmin Lähetetty Käytössä Määrä Täynnä Tyhjä Keskiyö
            """),
        ("Polish", ["windows-1250", "ISO-8859-2", "IBM852"], """
            Odkurzacz Łopata Śrubokręt Gwoździe Młotki Wkręt Piłka Krzesełko Półka Łóżeczko Kołdra Ręcznik Szkło Butelka Łyżka Nóż Żelazko Grzałka Świetlówka Żarówka Kabel zasilający Ładowarka Książka Zeszyt Długopis Wędlina Kiełbasa
            Ser żółty Śmietana Jabłka Gruszka Brzoskwinia Wiśnie Śliwki Truskawka Pieprz Sól Cukier Mąka żytnia Herbata Napój gazowany Sukienka Płaszcz Spódnica Rękawiczki Dzień Miesiąc Tydzień Źródła Wrzesień Październik Środa Piątek
            Łukasz Michał Paweł Świętosław Grażyna Małgorzata Bożena Elżbieta Wójcik Kamiński Lewandowski Dąbrowska Zieliński Kozłowski Jabłoński Wiśniewska Kaczyński Bąk Sędziwój Gdynia Łomża Tarnów Słupsk Olsztyn Piła Gorzów Wałbrzych Elbląg
            Zapłacono Anulowano Wysłane Zwrócone Uszkodzony Niedostępny Należność Rozliczenie Cięcie Część Ilość Gęstość Prędkość Ciśnienie
            """),
        ("Czech", ["windows-1250", "ISO-8859-2", "IBM852"], """
            Vysavač Šroubovák Hřebíky Kladivo Pilka Židlička Polička Postýlka Přikrývka Ručník Sklenice Lžíce Nůž Žehlička Zářivka Kabeláž Nabíječka Sešit Tužka Uzenina Klobása Sýr Smetana Jablečný Hruškový Broskve Višně Švestky
            Jahody Pepř Sůl Cukr Mouka žitná Čaj Nápoj Šaty Kabát Sukně Rukavice Týden Měsíc Září Říjen Středa Pátek Jiří Tomáš Ondřej Věra Kateřina Dvořáková Černý Procházka Němcová Růžička Beneš Fiala Sedláček Doležal Zeman Kolář Navrátil
            Čermák Vaněk Říha Děčín Ústí Třebíč Přerov Kroměříž Břeclav Znojmo Hodonín Uherské Hradiště Vsetín Nový Jičín Opava Bohumín Zaplaceno Zrušeno Odesláno Vráceno Poškozený Nedostupný Účet Díl Část Množství Hustota Rychlost Tlak Měření
            """),
        ("Hungarian", ["windows-1250", "ISO-8859-2", "IBM852"], """
            Porszívó Csavarhúzó Szögek Kalapácsok Fűrészlap Székek Polc Kiságy Takaró Törülköző Pohár Kanál Késkészlet Vasaló Fénycső Töltő Ceruza Felvágott Kolbász Sajt Tejszín Almalé Körtelé Őszibarack Meggy Szilvalekvár Földieper Bors Só
            Cukor Rozsliszt Üdítő Ruha Kabát Szoknya Kesztyű Hét Hónap Szeptember Október Szerda Péntek György István László Zsófia Erzsébet Ágnes Horváth Szabó Tóth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Győr Pécs Szeged
            Miskolc Sopron Veszprém Zalaegerszeg Kaposvár Szolnok Gödöllő Érd Dunaújváros Hódmezővásárhely Fizetve Törölve Elküldve Visszaküldve Sérült Nem elérhető Számla Rész Mennyiség Sűrűség Sebesség Nyomás Mérés Gyűjtő Fűtőtest
            """),
        ("Romanian", ["windows-1250", "ISO-8859-2"], """
            Aspirator Şurubelniţă Cuie Ciocane Ferăstrău Scăunel Pătuţ Prosop Pahar Lingură Cuţit Maşină Încărcător Creion Cârnaţi Brânză Smântână Mărul Piersică Vişine Căpşuni Sare Făină Băutură Rochiţă Mănuşi Săptămână Lună Miercuri Vineri Ştefan
            Mihăiţă Ioniţă Cătălin Bogdan Mădălina Brăila Bacău Piteşti Târgu Mureş Buzău Satu Mare Botoşani Suceava Râmnicu Vâlcea Drobeta Focşani Plătit Anulat Expediat Înapoiat Defect Factură Parte Cantităţi Înălţimi Viteză Presiune Măsurare
            """),
        ("Turkish", ["windows-1254", "ISO-8859-9"], """
            Süpürge Tornavida Çiviler Çekiçler Tahta Sandalyeler Beşik Yorgan Havlu Bardak Kaşık Bıçaklar Ütü Şarj Kalem Sucuk Peynir Kaymak Elmalı Şeftali Vişne Çilek Karabiber Tuz Şeker Un İçecek Elbise Etek Eldiven Hafta Ay Eylül Çarşamba
            Yıldırım Özdemir Arslan Doğan Aydın Özkan Şimşek Çakır Güneş Koç Kurtuluş Ömer Ayşe Gülşen Hüseyin İbrahim Çağlar Uğur Eskişehir Kütahya Uşak Muş Siirt Şırnak Iğdır Gümüşhane Çorum Kırşehir Ödendi İptal Gönderildi İade Bozuk
            Mevcut değil Fatura Parça Yoğunluk Hız Basınç Ölçüm Işık Isıtıcı Soğutucu Kılıf Kırmızı Yeşilköy Büyüklük Küçük Genişlik
            """),
        ("Russian", ["windows-1251", "KOI8-R", "ISO-8859-5", "IBM866"], """
            Пылесос Отвёртка Гвозди Молотки Шуруп Ножовка Полка Кроватка Одеяло Полотенце Стакан Ложка Ножницы Утюг Светильник Кабель Зарядное устройство Тетрадь Карандаш Колбаса Сыр Сливки Яблоки Персик Вишнёвый Клубника Перец Соль Сахар Мука ржаная
            Чай Напиток Платье Пальто Юбка Перчатки Неделя Месяц Сентябрь Среда Пятница Александр Дмитрий Евгений Наталия Светлана Морозов Волков Лебедев Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Тверь Тула Курск Липецк Рязань
            Пенза Астрахань Ярославль Иркутск Хабаровск Владивосток Барнаул Оплачено Отменено Отправлено Возвращено Повреждён Недоступен Счёт Деталь Часть Плотность Скорость Давление Измерение Ёмкость Щит Цепь Электродрель Объектив Подшипник
            """),
        ("Ukrainian", ["windows-1251", "KOI8-U"], """
            Пилосос Викрутка Цвяхи Молоток Шуруп Ножівка Полиця Ліжечко Ковдра Рушник Склянка Ложка Ножиці Праска Світильник Кабель Зарядний пристрій Зошит Олівець Ковбаса Сир Вершки Яблука Персик Вишневий Полуниця Перець Сіль Цукор Борошно
            Чай Напій Сукня Пальто Спідниця Рукавички Тиждень Місяць Вересень Середа Євген Наталія Світлана Мельник Поліщук Лисенко Гнатюк Кравець Їжакевич Ґудзик Тернопіль Чернівці Луцьк Рівне Житомир Сплачено Скасовано Надіслано Повернуто
            Пошкоджений Недоступний Рахунок Деталь Частина Густина Швидкість Тиск Вимірювання Ємність Щит Ланцюг
            """),
        ("Greek", ["windows-1253", "ISO-8859-7"], """
            Σκούπα Κατσαβίδι Καρφιά Σφυρί Πριόνι Καρέκλες Ράφι Κούνια Πάπλωμα Πετσέτα Ποτήρι Κουτάλι Μαχαίρι Σίδερο Φωτιστικό Καλώδιο Φορτιστής Τετράδιο Μολύβι Λουκάνικο Τυρί Κρέμα Μήλα Ροδάκινο Βύσσινο Φράουλα Πιπέρι Αλάτι Ζάχαρη Αλεύρι
            Τσάι Αναψυκτικό Φόρεμα Παλτό Φούστα Γάντια Εβδομάδα Μήνας Σεπτέμβριος Τετάρτη Γιώργος Δημήτρης Κωνσταντίνος Ελένη Μαρία Οικονόμου Βασιλείου Αντωνίου Χριστοδούλου Τρίκαλα Σέρρες Καβάλα Κομοτηνή Ξάνθη Λαμία Πληρώθηκε Ακυρώθηκε
            Εστάλη Επιστράφηκε Χαλασμένο Τιμολόγιο Εξάρτημα Πυκνότητα Ταχύτητα Πίεση Μέτρηση
            """),
        ("Hebrew", ["windows-1255", "ISO-8859-8"], """
            שואב אבק מברג מסמרים פטישים ברגים מדף עריסה שמיכות מגבת כוס כף סכין מגהץ מנורה כבל מטען מחברת עיפרון נקניק גבינה שמנת תפוחים אפרסק דובדבנים תות פלפל מלח סוכר קמח תה משקה שמלה מעיל חצאית כפפות שבוע חודש ספטמבר יום רביעי דוד משה רחל
            יוסף אברהם שרה גולדברג פרידמן חדד אזולאי אשקלון רחובות הרצליה כפר סבא שולם בוטל נשלח הוחזר פגום חשבונית חלק צפיפות מהירות לחץ מדידה
            """),
        ("Arabic", ["windows-1256", "ISO-8859-6"], """
            مكنسة مفك مسامير مطارق براغي رف سرير أطفال لحاف منشفة كوب ملعقة سكين مكواة إضاءة كابل شاحن دفتر قلم سجق جبن كريمة تفاحة خوخ كرز فراولة فلفل ملح سكر دقيق شاي مشروب فستان معطف تنورة قفازات أسبوع شهر سبتمبر الأربعاء عبد الله إبراهيم يوسف
            خديجة عائشة الإسكندرية المنصورة أسيوط جدة مكة المدينة مدفوع ملغى مرسل مرتجع تالف فاتورة جزء كثافة سرعة ضغط قياس
            """),
        ("Lithuanian", ["windows-1257", "ISO-8859-13"], """
            Dulkių siurblys Atsuktuvas Vinys Plaktukai Medsraigtis Pjūklas Lentyna Lovelė Antklodė Rankšluostis Stiklinė Šaukštas Peilis Lygintuvas Šviestuvas Kabelis Įkroviklis Sąsiuvinis Pieštukas Dešra Sūris Grietinėlė Obuoliai Persikas Vyšnios
            Braškė Pipirai Druska Cukrus Miltai Arbata Gėrimas Suknelė Paltas Sijonas Pirštinės Savaitė Mėnuo Rugsėjis Trečiadienis Jonas Žukauskas Stankevičius Petrauskienė Jankauskaitė Butkutė Šiauliai Panevėžys Kėdainiai Ukmergė Tauragė Apmokėta
            Atšaukta Išsiųsta Grąžinta Sugadintas Nepasiekiamas Sąskaita Dalis Tankis Greitis Slėgis Matavimas Kokybė Įvairių
            """),
        ("Japanese", ["Shift_JIS", "EUC-JP"], """
            掃除機 ドライバー 釘 ハンマー 木ねじ のこぎり 椅子 本棚 ベッド 掛け布団 タオル グラス スプーン 包丁 アイロン 照明器具 ケーブル 充電器 ノート 鉛筆 ソーセージ チーズ 生クリーム りんご 桃 さくらんぼ いちご 胡椒 塩 砂糖 小麦粉 お茶 飲料 ワンピース コート
            スカート 手袋 週間 月曜日 水曜日 山本太郎 中村花子 渡辺健一 小川 石田 鹿児島市 熊本県 長崎 新潟 富山 金沢 岐阜 支払済み 取消 発送済 返品 破損 在庫なし 請求書番号 部品 密度 速度 圧力 測定 商品コード 数量限定 送料無料 電話番号 郵便番号
            """),
        ("Chinese (simplified)", ["GB18030"], """
            吸尘器 螺丝刀 钉子 锤子 木螺丝 锯子 书架 婴儿床 被子 毛巾 玻璃杯 勺子 刀具 熨斗 灯具 电缆 充电器 笔记本 铅笔 香肠 奶酪 奶油 苹果 桃子 樱桃 草莓 胡椒 食盐 白糖 面粉 茶叶 饮料 连衣裙 大衣 裙子 手套 星期 月份 九月 张伟 王芳 李娜 刘洋 陈静 杨帆 黄磊
            杭州市 南京 成都 重庆 武汉 西安 天津 苏州 已付款 已取消 已发货 已退货 损坏 缺货 发票 零件 密度 速度 压力 测量 商品名称 数量 价格 客户姓名 联系电话 收货地址
            """),
        ("Chinese (traditional)", ["Big5"], """
            吸塵器 螺絲起子 釘子 鎚子 木螺絲 鋸子 書架 嬰兒床 棉被 毛巾 玻璃杯 湯匙 菜刀 熨斗 燈具 電纜 充電器 筆記本 鉛筆 香腸 起司 鮮奶油 蘋果 桃子 櫻桃 草莓 胡椒 食鹽 砂糖 麵粉 茶葉 飲料 洋裝 大衣 裙子 手套 星期 月份 九月 張偉 王芳 李娜 劉洋 陳靜 楊帆 黃磊
            台北市 台中 高雄 台南 新竹 基隆 嘉義 花蓮 已付款 已取消 已出貨 已退貨 損壞 缺貨 發票 零件 密度 速度 壓力 測量 商品名稱 數量 價格 客戶姓名 聯絡電話 收件地址
            """),
        ("Korean", ["EUC-KR"], """
            진공청소기 드라이버 못 망치 나사못 톱 책장 아기침대 이불 수건 유리잔 숟가락 식칼 다리미 조명기구 케이블 충전기 공책 연필 소시지 치즈 생크림 사과 복숭아 체리 딸기 후추 소금 설탕 밀가루 녹차 음료수 원피스 코트 치마 장갑 일주일 월요일 수요일 김철수 이영희 박민준
            최지우 정수빈 수원시 성남 고양 용인 창원 청주 전주 포항 결제완료 취소됨 발송됨 반품 파손 품절 송장번호 부품 밀도 속도 압력 측정 상품명 수량 가격 고객이름 연락처 배송지
            """),
        ("Thai", ["windows-874"], """
            เครื่องดูดฝุ่น ไขควง ตะปู ค้อน สว่าน เลื่อย ชั้นวาง เปลเด็ก ผ้านวม ผ้าเช็ดตัว แก้วน้ำ ช้อน มีด เตารีด โคมไฟ สายไฟ ที่ชาร์จ สมุด ดินสอ ไส้กรอก ชีส ครีม แอปเปิ้ล ลูกพีช เชอร์รี่ สตรอเบอร์รี่ พริกไทย เกลือ น้ำตาล แป้ง ชา เครื่องดื่ม ชุดเดรส เสื้อโค้ท
            กระโปรง ถุงมือ สัปดาห์ เดือน กันยายน สมชาย สมหญิง อุดรธานี ชลบุรี ระยอง จ่ายแล้ว ยกเลิก ส่งแล้ว ชำรุด ใบแจ้งหนี้
            """),
    ];
}
