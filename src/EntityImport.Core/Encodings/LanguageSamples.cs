namespace EntityImport.Encodings;

/// <summary>Words from which <see cref="LanguageModel"/>s learn which letters stand beside which: words of trade, places and everyday life, above all those that are not ASCII.</summary>
internal static class LanguageSamples
{
    /// <summary>The languages: a name, the letters that are not ASCII, and words.</summary>
    public static readonly (string Name, string Letters, string Words)[] All =
    [
        ("German", "äöüß", """
            für über können müssen größe straße grün weiß schön höhe länge stück verfügbar lieferung münchen köln düsseldorf österreich zürich müller schäfer könig jäger bäcker schröder
            groß fuß heiß süß außen maß schloß gewürz gemüse käse öl löffel schlüssel tür küche möbel stühle bänder wäsche hülle gehäuse geräte zubehör märz jährlich gültig ungültig nächste
            später früher während dürfen wünsche rückgabe prüfung änderung übersicht ausführung qualität universität gebühr währung beträge zahlungsfähig bücher hände häuser länder städte
            """),
        ("French", "àâæçéèêëîïôœùûüÿ", """
            à été être même après très où déjà près façon garçon français française société numéro référence libellé désignation quantité unité prénom téléphone adresse élément modèle série
            matière métal légère côté hôtel hôpital forêt fenêtre tête fête bientôt août février décembre noël crème brûlée pâte gâteau goût sûr dû cœur œuvre sœur bœuf œuf maïs naïf île maître
            entrée sortie clé clef qualité sécurité électrique électronique mécanique véhicule pièce détachée première dernière complète fermé ouvert créé modifié payé livré hélène françois
            andré rené josé zoé chloé léa rhône isère hérault orléans nîmes besançon angoulême mâcon saône évreux montréal québec genève études méthode théâtre célèbre problème système
            """),
        ("Spanish", "áéíóúüñ", """
            año niño señor señora españa español mañana pequeño tamaño número código descripción dirección teléfono población provincia artículo categoría método página público último próximo
            también más está aquí así después según través él qué cómo cuándo dónde cuánto sí té café camión jabón algodón corazón estación información producción gestión atención opción versión
            línea área índice básico técnico eléctrico mecánico químico orgánico plástico cerámica máquina lámpara cámara sábana pájaro árbol azúcar fácil difícil útil móvil móviles garcía martínez
            lópez pérez gómez sánchez ramírez fernández rodríguez jiménez muñoz núñez ibáñez málaga cádiz córdoba león almería ávila logroño méxico perú panamá bogotá medellín día días vacío pingüino cigüeña
            """),
        ("Italian", "àèéìíòóù", """
            è perché città qualità quantità unità caffè più può già così però lunedì martedì mercoledì giovedì venerdì verrà sarà farà potrà università società attività disponibilità novità
            libertà metà età papà là lì né sé finché poiché benché giù tè bontà comò menù tribù virtù gioventù ciò costò andò parlò pagò identità proprietà varietà velocità capacità priorità
            elettricità pubblicità modalità responsabilità forlì cantù nicolò niccolò oggidì cioè ahimè oblò falò
            """),
        ("Portuguese", "àáâãçéêíóôõúü", """
            não são são paulo descrição código endereço telefone número preço promoção situação informação educação coração mão pão irmão avião cartão alemão leão algodão limão botão verão
            joão josé maçã força peça cabeça açúcar serviço começo criança avô avó você três português francês inglês mês três bebê café pé é há já lá está água fácil difícil útil móvel
            automóvel química física matemática música público última próximo também até após às à região opções funções produções ações condições observações observação câmera lâmpada
            ônibus tênis família comércio indústria próprio único mínimo máximo médio crédito débito gonçalves conceição brasília goiânia florianópolis maranhão ceará amapá paraná
            """),
        ("Dutch", "áéëèêïóöü", """
            één geïnteresseerd reünie coöperatie financiële industriële officiële commerciële patiënt cliënt ingrediënten coëfficiënt efficiënt variëteit kopiëren creëren geïmporteerd
            geïnstalleerd egoïst naïef ruïne reële ideeën zeeën knieën drieëntwintig tweeëntwintig oriëntatie hygiëne categorieën theorieën België Belgische Israël Oekraïne Italië Spanje Australië
            Brazilië café crème scène volière carrière première hè enquête coördinator vóór privé logé coupé
            """),
        ("Swedish", "åäöéà", """
            är på från får för över även många små stå två år månad kvällsmål åtta tåg båt gård åker så då må nå gå räkna pärla ställe värde värme väg lägenhet hälsa läsa läge före större högsta
            öppna öl ört grön röd björn stjärna hjälp kött smör bröd mjölk ägg fågel häst gås får räv björnbär blåbär jordgubbe malmö göteborg västerås örebro linköping jönköping norrköping umeå luleå
            skåne småland värmland åland söder norr väster öster nyckel stålrör träd trädgård köksbänk möbler fåtölj bord stol lådor färg storlek antal tillgänglig beställning försäljning kundnummer idé armé
            """),
        ("Danish", "æøåéöä", """
            være måske også når år på få gå så små både måned uge ørsted køb køber købt sælger sælge mængde størrelse højde længde bredde vægt første sidste rød grøn blå hvid sølv guld æble pære
            kød fløde smør brød øl mælk æg fisk høne gås får træ dør nøgle stål rør værktøj måler følger søn sønderjylland sjælland fyn ærø læsø bornholm københavn århus aalborg tønder ribe møn helsingør
            næstved køge søborg rødovre frederikshavn sørensen jørgensen østergård nørgaard kjær møller gård bygård tømrer bådebygger kørekort tilgængelig beløb idé
            """),
        ("Norwegian", "æøåéòô", """
            være også når år på få gå så små både måned ørret kjøp kjøper kjøpt selger mengde størrelse høyde lengde bredde vekt første siste rød grønn blå hvit sølv gull eple pære kjøtt fløte smør brød
            øl melk egg høne gås sau tre dør nøkkel stål rør verktøy måler følger sønn sør nord øst vest tromsø bodø ålesund tønsberg drøbak røros førde sørlandet møre østfold håkon bjørn øystein åse gjære
            tilgjengelig beløp påslag avgift gårdsnummer sjø fjære vær én idé
            """),
        ("Finnish", "äöå", """
            ja että hän tämä nämä myös päivä päivämäärä määrä hinta käyttö käyttäjä tyyppi väri väri vihreä keltainen sininen mustikka äiti isä tyttö pöytä työ työkalu työpöytä lämpö lämmin kylmä
            pääsy pääsiäinen syntymäpäivä järvi metsä kesä syksy talvi kevät yö hyvä hyvää näyttö näppäimistö säätö ääni äly öljy löytö nyt täällä siellä missä mitä mikä jäätelö leipä päärynä
            hämeenlinna jyväskylä äänekoski hyvinkää riihimäki mäkinen hämäläinen lähtö määrittely järjestelmä sähkö sähköposti lisätä pitää elää tehdä nähdä
            """),
        ("Icelandic", "áéíóúýðþæö", """
            það þetta þessi þá þú við með verð verður góður góða stærð litur rauður blár grænn svartur hvítur ísland íslenska reykjavík akureyri hafnarfjörður kópavogur garðabær ísafjörður húsavík þórður
            guðmundur guðrún sigríður jóhann jón björn þór kaffi mjólk brauð smjör ostur fiskur þorskur ýsa lúða rækja kjöt lambakjöt nafn símanúmer heimilisfang póstnúmer götu fjöldi magn þyngd hæð lengd breidd
            já nei ekki ég hún hann þau þær sími dagur mánuður ár maí júní júlí ágúst október sýsla æði örn önnur
            """),
        ("Catalan", "àçèéíïòóúü·", """
            però també català barcelona més què això són només després així número adreça telèfon preu descripció quantitat mànega plàstic elèctric mecànic química física música tècnica pàgina línia àrea
            família comerç indústria farmàcia perruqueria cafè té sabó cotó cançó estació informació producció atenció opció versió llengües pingüí raïm país països veïns girona lleida tarragona
            alcoià vicenç àngels núria òscar jordi dolç força plaça braç caça peça cabell col·legi col·lecció pel·lícula
            """),
        ("Polish", "ąćęłńóśźż", """
            że się są być będzie może również także który którą wszystkie został każdy żółty żółta biały biała czarny czerwony zielony różowy nazwa ilość wartość cena wysokość długość szerokość głębokość
            świeca łódź kraków gdańsk poznań wrocław białystok toruń częstochowa rzeszów zielona góra śląsk małopolska łódzkie świętokrzyskie źródło zażółć gęślą jaźń książka książki ręcznik pościel łóżko
            krzesło stół półka szkło stal żelazo drewno gwóźdź śruba nakrętka wąż pędzel młotek piła narzędzia części zamówienie płatność dostępny dostępność sprzedaż zakupów usługa klientów
            imię nazwisko adres miejscowość województwo święta styczeń luty kwiecień czerwiec sierpień wrzesień październik grudzień środa piątek chłopiec dziewczyna mężczyzna wójcik kowalska wiśniewski dąbrowski zieliński szymański woźniak król wróbel błażej łukasz paweł małgorzata ćwikła chleb masło śmietana jabłko gruszka śliwka
            """),
        ("Czech", "áčďéěíňóřšťúůýž", """
            že se jsem být byl může také který která všechny každý žlutý žluťoučký kůň úpěl ďábelské ódy příliš bílý černý červený zelený modrý růžový název množství hodnota cena výška délka šířka hloubka
            praha brno plzeň ostrava české budějovice hradec králové ústí nad labem třebíč jihlava zlín děčín přerov kroměříž dvořák novák svoboda novotný procházka kučera veselý horák němec pokorný marešová
            jiří tomáš lukáš ondřej zdeněk věra božena kateřina židle stůl skříň postel lůžko světlo žárovka šroub hřebík kladivo pilník hadice štětec nářadí součástky objednávka platba dostupný prodej nákup služba
            zákazník jméno příjmení ulice město okres kraj únor březen květen červen červenec září říjen středa čtvrtek pátek neděle chléb máslo mléko smetana jablko hruška švestka třešně ředkvička těsto pěkně děti úřad můj dům stůl
            """),
        ("Slovak", "áäčďéíĺľňóôŕšťúýž", """
            že sa som byť bol môže tiež ktorý ktorá všetky každý žltý biely čierny červený zelený modrý ružový názov množstvo hodnota cena výška dĺžka šírka hĺbka bratislava košice prešov žilina nitra
            banská bystrica trenčín martin poprad prievidza zvolen považská námestovo dolný kubín piešťany topoľčany ľubomír jozef ján mária zuzana štefan ľudovít tomáš novák kováč horváth varga tóth nagy
            stôl stolička posteľ skriňa svetlo žiarovka skrutka klinec kladivo píla hadica štetec náradie súčiastky objednávka platba dostupný predaj nákup služba zákazník meno priezvisko ulica mesto okres kraj
            január február marec apríl máj jún júl streda štvrtok piatok nedeľa chlieb maslo mlieko smotana jablko hruška slivka čerešňa kôň mäso päť vŕba stĺp veľký ľahký dieťa úrad môj dom
            """),
        ("Hungarian", "áéíóöőúüű", """
            és egy hogy nem ez azért már még több való után között szükség megnevezés mennyiség érték ár ára szélesség magasság mélység hossz súly fekete fehér piros zöld kék sárga rózsaszín barna szürke
            budapest győr pécs debrecen székesfehérvár kecskemét nyíregyháza szombathely tatabánya békéscsaba érd kőszeg tűzoltó szőlő fűtés hűtő hűtőszekrény mosógép gőz erő idő eső nő férfi gyermek
            könyv könyvek füzet tükör szekrény ágy asztal szék szőnyeg törölköző függöny csavar szög kalapács fűrész tömlő ecset szerszám alkatrész megrendelés fizetés elérhető eladás vásárlás szolgáltatás vevő
            név vezetéknév cím utca város megye január február március április május június július szeptember október szerda csütörtök péntek szombat vasárnap kenyér vaj tej tejföl alma körte szilva cseresznye kovács szabó tóth nagy németh
            """),
        ("Romanian", "ăâîșțşţ", """
            și şi în să că este sunt după până când între către fără român română românia bucurești bucureşti iași iaşi cluj timișoara timişoara brașov braşov constanța constanţa galați ploiești ploieşti
            oraș oraşe județ judeţ stradă țară ţară piață piaţă preț preţ cantitate mărime lățime lăţime înălțime înălţime lungime greutate negru roșu roşu verde albastru galben alb cămașă cămaşă rochie pălărie mănuși
            pâine brânză lapte unt smântână măr pară prună cireșe cireşe ciocan șurub şurub cui ușă uşă fereastră scaun masă dulap pătură așternut comandă plată vânzare cumpărare servicii clienți clienţi
            nume prenume adresă telefon localitate ianuarie săptămână sâmbătă duminică marți marţi mâine astăzi ieri bărbat femeie băiat fată țigări ţigări informații informaţii soluții soluţii
            """),
        ("Croatian", "čćđšž", """
            što više još već može također koji će ćemo biti naziv količina vrijednost cijena šifra veličina širina visina dužina težina boja žuta bijela crna crvena zelena plava ružičasta smeđa narančasta
            zagreb split rijeka osijek šibenik požega varaždin čakovec križevci đakovo samoboru hvar krčka međimurska županija općina ulica grad država hrvatska marković horvat kovačević babić marić jurić novak knežević
            božić šimić ćosić đurić željko ivan čavao vijak čekić pila kliješta alat dijelovi narudžba plaćanje dostupno prodaja kupnja usluga korisnik ime prezime siječanj veljača ožujak travanj svibanj lipanj srpanj
            četvrtak petak subota nedjelja kruh maslac mlijeko vrhnje jabuka kruška šljiva trešnja češnjak grožđe riža juha meso žena muškarac dijete kuća stolica krevet jastuk pokrivač ogledalo žarulja
            """),
        ("Slovenian", "čšž", """
            še že več lahko tudi ki bo biti naziv količina vrednost cena šifra velikost širina višina dolžina teža barva rumena bela črna rdeča zelena modra oranžna rjava ljubljana maribor celje kranj koper
            škofja loka žalec črnomelj trbovlje brežice krško sežana tržič ravne gorenjska štajerska dolenjska občina ulica država slovenija žnidaršič kovačič zupančič košir bežan češnovar češnja žebelj vijak kladivo žaga
            klešče orodje deli naročilo plačilo na voljo prodaja nakup storitev uporabnik ime priimek četrtek petek sobota nedelja kruh maslo mleko smetana jabolko hruška sliva češenj grozdje riž juha meso ženska moški otrok hiša
            """),
        ("Lithuanian", "ąčęėįšųūž", """
            yra būti kad taip gali buvo šis kuris kiekis pavadinimas vertė kaina dydis aukštis ilgis plotis gylis svoris spalva geltona balta juoda raudona žalia mėlyna rožinė ruda pilka vilnius kaunas klaipėda šiauliai
            panevėžys alytus marijampolė mažeikiai utena kėdainiai telšiai plungė visaginas gatvė miestas šalis lietuva lietuvių rajonas savivaldybė užsakymas mokėjimas pardavimas pirkimas paslauga klientų vardas pavardė
            kovas balandis gegužė birželis liepa rugpjūtis rugsėjis spalis lapkritis gruodis pirmadienis trečiadienis šeštadienis sekmadienis duona sviestas pienas grietinė obuolys kriaušė slyva vyšnia česnakas vynuogės ryžiai sriuba mėsa žuvis
            moteris vyras vaikas namas kėdė stalas lova pagalvė antklodė veidrodis lemputė varžtas vinis plaktukas pjūklas žarna teptukas įrankiai dalys įmonė įvairūs įsigyti jūs mūsų jų mažų didelių ąžuolas ūkis
            """),
        ("Latvian", "āčēģīķļņšūž", """
            ir būt ka tā var arī bija šis kurš daudzums nosaukums vērtība cena izmērs augstums garums platums dziļums svars krāsa dzeltena balta melna sarkana zaļa zila rozā brūna pelēka rīga daugavpils liepāja jelgava jūrmala
            ventspils rēzekne valmiera jēkabpils ogre cēsis kuldīga iela pilsēta valsts latvija latviešu novads pasūtījums maksājums pārdošana pirkšana pakalpojums klients vārds uzvārds janvāris februāris marts aprīlis maijs jūnijs jūlijs
            septembris oktobris pirmdiena otrdiena trešdiena ceturtdiena svētdiena maize sviests piens krējums ābols bumbieris plūme ķirsis ķiploks vīnogas rīsi zupa gaļa zivs sieviete vīrietis bērns māja krēsls galds gulta spilvens sega
            spogulis spuldze skrūve nagla āmurs zāģis šļūtene ota darbarīki detaļas uzņēmums ļoti ņemt šķīvis žurnāls mēs jūs viņš viņa jānis pēteris andris bērziņš kalniņš ozoliņš krūmiņš
            """),
        ("Estonian", "äöõüšž", """
            on ja et ka või kui see mis nimetus kogus väärtus hind suurus kõrgus pikkus laius sügavus kaal värv kollane valge must punane roheline sinine roosa pruun hall tallinn tartu pärnu narva viljandi rakvere kuressaare võru põlva
            jõgeva tõrva otepää tänav linn riik eesti maakond tellimus makse müük ost teenus klient nimi perekonnanimi jaanuar veebruar märts aprill mai juuni juuli esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev
            leib või piim koor õun pirn ploom kirss küüslauk viinamarjad riis supp liha kala naine mees laps maja tool laud voodi padi tekk peegel pirn kruvi nael haamer saag voolik pintsel tööriistad osad ettevõte väga võtma õhtu öö
            tütar sõber külm jõgi mõõt hüpe rõõm lõuna põhi täht käsi jää kõik šokolaad žurnaal
            """),
        ("Turkish", "çğıiöşüâîû", """
            için çok daha değil olarak var şey kadar gibi büyük küçük yeni güzel adı ürün miktar değer fiyat ölçü yükseklik uzunluk genişlik derinlik ağırlık renk sarı beyaz siyah kırmızı yeşil mavi pembe kahverengi gri istanbul
            ankara izmir diyarbakır eskişehir muğla çanakkale şanlıurfa kırıkkale aydın balıkesir tekirdağ niğde ağrı iğdır bağcılar üsküdar beşiktaş kadıköy cadde şehir ülke türkiye türkçe ilçe sipariş ödeme satış satın alış hizmet müşteri
            ad soyadı ocak şubat mayıs ağustos eylül kasım aralık pazartesi salı çarşamba perşembe cumartesi ekmek tereyağı süt kaymak elma armut erik kiraz sarımsak üzüm pirinç çorba et balık kadın erkek çocuk ev sandalye yatak yastık
            yorgan ayna ampul vida çivi çekiç testere hortum fırça aletler parçalar şirket öğrenci öğretmen yıldız yılmaz çelik şahin öztürk kılıç doğan aslan çetin kaya ışık ırmak ısı ıspanak bıçak kağıt
            """),
        ("Vietnamese", "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ", """
            việt nam hà nội hồ chí minh đà nẵng hải phòng cần thơ huế đồng nai bình dương nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý tên số lượng giá trị sản phẩm mã hàng địa chỉ điện thoại khách hàng đơn
            thành phố quận huyện đường phường xã tỉnh màu đỏ xanh vàng trắng đen lớn nhỏ mới cũ tốt xấu được không có và của là người năm tháng ngày giờ phút cái chiếc bộ áo quần giày dép mũ nước cà phê trà sữa bánh mì gạo thịt cá rau quả
            đèn bàn ghế giường tủ cửa sổ sách vở bút viết chì máy tính điện tử công ty dịch vụ thanh toán vận chuyển
            """),
        ("Russian", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", """
            и в не на что он как это по но они мы она так его за был от то же все для или наименование название товар количество цена стоимость сумма артикул код размер высота длина ширина глубина вес цвет жёлтый белый чёрный красный
            зелёный синий розовый коричневый серый москва санкт петербург новосибирск екатеринбург нижний новгород казань челябинск омск самара ростов уфа красноярск пермь воронеж волгоград улица город страна россия область край район
            заказ оплата доставка продажа покупка услуга клиент покупатель имя фамилия отчество адрес телефон январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь понедельник вторник среда четверг пятница суббота
            воскресенье хлеб масло молоко сметана яблоко груша слива вишня чеснок виноград рис суп мясо рыба женщина мужчина ребёнок дом стул стол кровать подушка одеяло зеркало лампа винт гвоздь молоток пила шланг кисть инструменты детали
            иванов петров сидоров смирнов кузнецов попов васильев соколов михайлов новиков александр сергей дмитрий андрей алексей елена ольга наталья ирина татьяна общество ограниченной ответственностью объём подъезд эффект юбка щётка цех
            """),
        ("Ukrainian", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'", """
            і в не на що він як це по але вони ми вона так його за був від то ж все для або найменування назва товар кількість ціна вартість сума артикул код розмір висота довжина ширина глибина вага колір жовтий білий чорний червоний
            зелений синій рожевий коричневий сірий київ харків одеса дніпро львів запоріжжя вінниця миколаїв херсон полтава чернігів черкаси житомир суми хмельницький чернівці рівне кропивницький луцьк ужгород вулиця місто країна україна область
            замовлення оплата доставка продаж купівля послуга клієнт покупець прізвище адреса січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень понеділок вівторок середа четвер неділя хліб олія
            молоко яблуко їжа її їх п'ять об'єм ґанок єдиний європа шевченко бондаренко коваленко ткаченко кравченко олійник юрій сергій андрій наталія олена тетяна
            """),
        ("Bulgarian", "абвгдежзийклмнопрстуфхцчшщъьюя", """
            и в не на че той как това по но те ние тя така за беше от се да са със при или наименование количество цена стойност сума артикул код размер височина дължина ширина дълбочина тегло цвят жълт бял черен червен зелен син розов кафяв сив
            софия пловдив варна бургас русе стара загора плевен сливен добрич шумен улица град държава българия област община поръчка плащане доставка продажба покупка услуга клиент купувач име фамилия адрес телефон януари февруари март април
            юни юли септември октомври понеделник вторник сряда четвъртък петък събота неделя хляб масло мляко сметана ябълка круша слива череша чесън грозде ориз супа месо риба жена мъж дете къща стол легло възглавница одеяло огледало
            крушка винт пирон чук трион маркуч четка инструменти части иванов петров димитров георгиев стоянов николов първи ъгъл път търговия
            """),
        ("Serbian", "абвгдђежзијклљмнњопрстћуфхцчџшѓѕќў", """
            и у не на да је он као то по али они ми она тако за био од се су са при или назив количина цена вредност износ шифра величина висина дужина ширина дубина тежина боја жута бела црна црвена зелена плава ружичаста смеђа сива
            београд нови сад ниш крагујевац суботица зрењанин панчево чачак краљево улица град држава србија општина поруџбина плаћање испорука продаја куповина услуга купац име презиме адреса јануар фебруар јун јул септембар понедељак
            уторак среда четвртак петак субота недеља хлеб путер млеко павлака јабука крушка шљива трешња бели лук грожђе пиринач супа месо риба жена човек дете кућа столица кревет јастук ћебе огледало сијалица шраф ексер чекић тестера црево
            четка алат делови јовановић петровић николић марковић ђорђевић стојановић љубав њихов џеп
            """),
        ("Greek", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", """
            και το να του η της με που την από για είναι στο των θα οι τα ένα αυτό όνομα περιγραφή ποσότητα τιμή αξία κωδικός μέγεθος ύψος μήκος πλάτος βάθος βάρος χρώμα κίτρινο άσπρο μαύρο κόκκινο πράσινο μπλε ροζ καφέ γκρι
            αθήνα θεσσαλονίκη πάτρα ηράκλειο λάρισα βόλος ιωάννινα χανιά καλαμάτα ρόδος οδός πόλη χώρα ελλάδα νομός δήμος παραγγελία πληρωμή αποστολή πώληση αγορά υπηρεσία πελάτης επώνυμο διεύθυνση τηλέφωνο ιανουάριος φεβρουάριος μάρτιος
            απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή ψωμί βούτυρο γάλα κρέμα μήλο αχλάδι δαμάσκηνο κεράσι σκόρδο σταφύλι ρύζι σούπα κρέας ψάρι γυναίκα άνδρας
            παιδί σπίτι καρέκλα τραπέζι κρεβάτι μαξιλάρι κουβέρτα καθρέφτης λάμπα βίδα καρφί σφυρί πριόνι λάστιχο πινέλο εργαλεία παπαδόπουλος γεωργίου νικολάου δημητρίου ξενοδοχείο ψυγείο
            """),
        ("Hebrew", "אבגדהוזחטיךכלםמןנסעףפץצקרשת", """
            של את על לא זה הוא היא גם כל עם אם או כי אני מה שם תיאור כמות מחיר ערך קוד גודל גובה אורך רוחב עומק משקל צבע צהוב לבן שחור אדום ירוק כחול ורוד חום אפור ירושלים תל אביב חיפה באר שבע אשדוד נתניה רמת גן רחוב עיר מדינה
            ישראל מחוז הזמנה תשלום משלוח מכירה קנייה שירות לקוח משפחה כתובת טלפון ינואר פברואר אפריל ראשון שני שלישי רביעי חמישי שישי שבת לחם חמאה חלב שמנת תפוח אגס שזיף דובדבן שום ענבים אורז מרק בשר דג אישה גבר ילד בית כיסא שולחן
            מיטה כרית שמיכה מראה נורה בורג מסמר פטיש מסור צינור מברשת כלים חלקים כהן לוי מזרחי פרץ ביטון
            """),
        ("Arabic", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگکی", """
            من في على إلى أن هذا التي الذي كان عن مع هو هي أو كل بعد قبل اسم وصف كمية سعر قيمة رمز حجم ارتفاع طول عرض عمق وزن لون أصفر أبيض أسود أحمر أخضر أزرق وردي بني رمادي القاهرة الرياض بغداد دمشق بيروت عمان الجزائر تونس الرباط
            الخرطوم شارع مدينة دولة محافظة منطقة طلب دفع شحن بيع شراء خدمة عميل العائلة عنوان هاتف يناير فبراير مارس أبريل الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت خبز زبدة حليب قشدة تفاح كمثرى برقوق كرز ثوم عنب أرز حساء لحم سمك
            امرأة رجل طفل بيت كرسي طاولة سرير وسادة بطانية مرآة مصباح برغي مسمار مطرقة منشار خرطوم فرشاة أدوات أجزاء محمد أحمد علي حسن حسين فاطمة شركة مؤسسة تجارة غرفة ضوء ظهر
            """),
        ("Thai", "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลฦวศษสหฬอฮะัาำิีึืฺุูเแโใไๅๆ็่้๊๋์", """
            ที่ และ ใน เป็น มี ไม่ ของ ได้ ให้ ว่า จะ กับ จาก ชื่อ รายละเอียด จำนวน ราคา มูลค่า รหัส ขนาด ความสูง ความยาว ความกว้าง น้ำหนัก สี สีเหลือง สีขาว สีดำ สีแดง สีเขียว สีน้ำเงิน สีชมพู กรุงเทพ เชียงใหม่ ภูเก็ต ขอนแก่น นครราชสีมา
            ถนน เมือง ประเทศ ไทย จังหวัด อำเภอ ตำบล สั่งซื้อ ชำระเงิน จัดส่ง ขาย ซื้อ บริการ ลูกค้า นามสกุล ที่อยู่ โทรศัพท์ มกราคม กุมภาพันธ์ มีนาคม เมษายน วันจันทร์ วันอังคาร วันพุธ ขนมปัง เนย นม แอปเปิ้ล กระเทียม องุ่น ข้าว ซุป เนื้อ ปลา
            ผู้หญิง ผู้ชาย เด็ก บ้าน เก้าอี้ โต๊ะ เตียง หมอน ผ้าห่ม กระจก หลอดไฟ สกรู ตะปู ค้อน เลื่อย สายยาง แปรง เครื่องมือ ชิ้นส่วน บริษัท จำกัด สินค้า
            """),
    ];
}
