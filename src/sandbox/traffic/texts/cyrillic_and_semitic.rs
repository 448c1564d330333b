//! Templates in Russian, and in Arabic and Hebrew, which are written from right to left.

use super::Phrases;

pub(super) static RUSSIAN: Phrases = Phrases {
    names: &["Анна", "Борис", "Мария", "Юрий"],
    code: &["{code} — ваш код {brand}. Никому его не сообщайте."],
    parcel: &["{name}, ваш заказ {ref} доставим сегодня после {time}."],
    payment: &[
        "Покупка {amount} EUR в {time}. Это не вы? Заблокируйте карту в приложении {brand}.",
    ],
    invoice: &[
        "Здравствуйте, {name}! Ваш счёт {ref} на сумму {amount} EUR готов. Оплатите его в течение 14 дней в личном кабинете. {brand}",
    ],
    reminder: &["Напоминаем: {name}, ждём вас завтра в {time}."],
    offer: &[
        "{name}, скидка 20 % на всё только в эти выходные! Покажите это сообщение на кассе. {brand} 🎁",
    ],
};

pub(super) static ARABIC: Phrases = Phrases {
    names: &["أحمد", "فاطمة", "ليلى", "يوسف"],
    code: &["رمز التحقق الخاص بك في {brand} هو {code}. لا تشاركه مع أحد."],
    parcel: &["مرحبا {name}، ستصل شحنتك {ref} اليوم بعد الساعة {time}."],
    payment: &["تم دفع {amount} EUR في الساعة {time}. إذا لم تكن أنت، أوقف البطاقة فورا."],
    invoice: &[
        "عزيزي {name}، فاتورتك {ref} بقيمة {amount} EUR جاهزة وتستحق خلال 14 يوما. شكرا لاختيارك {brand}.",
    ],
    reminder: &["تذكير: موعدك غدا في الساعة {time}. نراك قريبا."],
    offer: &["{name}، خصم 20٪ على كل شيء في نهاية هذا الأسبوع لدى {brand} 🎉"],
};

pub(super) static HEBREW: Phrases = Phrases {
    names: &["דנה", "יוסי", "מיכל", "נועם"],
    code: &["הקוד שלך ל-{brand} הוא {code}. אין למסור אותו לאיש."],
    parcel: &["שלום {name}, החבילה {ref} תגיע היום אחרי {time}."],
    payment: &["חיוב בסך {amount} EUR בשעה {time}. לא אתם? חסמו את הכרטיס באפליקציה."],
    invoice: &[
        "שלום {name}, חשבונית {ref} על סך {amount} EUR מוכנה לתשלום תוך 14 יום. תודה, {brand}",
    ],
    reminder: &["תזכורת: התור שלך מחר בשעה {time}. להתראות!"],
    offer: &["{name}, רק בסוף השבוע: 20% הנחה על הכול ב-{brand} 🎁 בהצגת הודעה זו בקופה."],
};
